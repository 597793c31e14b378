// RPC is gRPC over HTTP/2 streams, server and client: framing, metadata, deadlines and status as machines without I/O (Wire),
// and the shell that joins them and HTTP2 to SwiftNIO channels and clocks (Loop, Server, Client).
//
// It is not for any particular service: nothing here knows Cupo. Handlers come in by ``ServiceTable``.
//
// Before changing it, know this: everything of a connection lives on its event loop. Handlers start on that loop
// (`Task.immediate` with ``LoopExecutor``) and come back to it; a turn of the loop reads all, runs all that can run, and
// writes each connection once. A lock, a hop or a log line for each request would cost most of the throughput.
