// HTTP2 is one HTTP/2 connection as a value: bytes in, events out; submit, bytes out. It wraps one nghttp2 session.
//
// It is not for sockets, threads, timers or gRPC: RPC owns those. It knows no message format beyond RFC 9113 and RFC 7541.
//
// Before changing it, know this: nghttp2 calls back into us while it holds its own state, so the callbacks
// (Session+Callbacks.swift) only append to `SessionState.events` and copy bytes. They never call anything that the
// owner of the session wrote, and they never enter the session but for the few calls that nghttp2's manual allows there.
