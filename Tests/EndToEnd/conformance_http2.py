"""What a server must refuse, and what it must bear (RFC 9113; sections are numbered as in RFC 7540, which test tools use)."""
from conformance_generic import (
    OPEN, WEIGHT_16, after_answer, begin, get_then, post_then, settings_acknowledged, settings_come_first,
    steps)
from conformance_peer import *

BIG = b"x" * 16_384
CANCELLED = (RST_STREAM, 0, 1, b"\0\0\0\x08")
SELF = b"\0\0\0\x01\x0f"
HALF_BLOCK = (HEADERS, END_STREAM, 1, block(GET[:2]))
REST = (CONTINUATION, END_HEADERS, 1, block(GET[2:]))
PROTOCOL = connection_error(PROTOCOL_ERROR)
BAD_REQUEST = stream_error(PROTOCOL_ERROR)
CLOSED_STREAM = stream_error(STREAM_CLOSED)
SIZE = connection_error(FRAME_SIZE_ERROR)
FLOW = connection_error(FLOW_CONTROL_ERROR)


def asks(*fields, method="GET"):
    """A request with these fields more."""
    return steps((HEADERS, END_STREAM | END_HEADERS, 1, block(request(method, *fields))))


def asks_only(*fields):
    return steps((HEADERS, END_STREAM | END_HEADERS, 1, block(fields)))


def but(name, *instead):
    return [field for field in GET if field[0] != name] + list(instead)


def sets(*pairs):
    return steps((SETTINGS, 0, 0, settings(*pairs)))


def backwards(peer):
    peer.headers(5)
    peer.finish(5)
    peer.headers(3)


def too_many_streams(peer):
    for number in range(peer.settings[MAX_CONCURRENT_STREAMS] + 1):
        peer.headers(2 * number + 1, POST, OPEN)


def content_length(value, *bodies):
    def run(peer):
        peer.headers(1, request("POST", ("content-length", value)), OPEN)
        for index, body in enumerate(bodies):
            peer.data(1, body, END_STREAM if index == len(bodies) - 1 else 0)
    return run


def window_grows_later(peer):
    sets((INITIAL_WINDOW_SIZE, 0))(peer)
    peer.headers(1)
    peer.until(lambda f: f[0] == HEADERS)
    sets((INITIAL_WINDOW_SIZE, 1))(peer)


def window_becomes_negative(peer):
    sets((INITIAL_WINDOW_SIZE, 3))(peer)
    peer.headers(1)
    assert len(peer.until(lambda f: f[0] == DATA)[3]) == 3
    sets((INITIAL_WINDOW_SIZE, 2))(peer)
    peer.until(lambda f: f[0] == SETTINGS and f[1] & ACK)
    peer.send(WINDOW_UPDATE, 0, 1, b"\0\0\0\x02")


def window_too_large(stream):
    return steps((SETTINGS, 0, 0, settings((INITIAL_WINDOW_SIZE, 0))), (HEADERS, END_STREAM | END_HEADERS, 1, block(GET)),
                 *2 * [(WINDOW_UPDATE, 0, stream, b"\x7f\xff\xff\xff")])


def no_preface(peer):
    peer.write(b"INVALID CONNECTION PREFACE\r\n\r\n" + frame(SETTINGS))


def pinged(payload=b"conform!"):
    return lambda peer: peer.until(lambda f: f[0] == PING and f[1] & ACK and f[3] == payload) or _ended()


def _ended():
    raise AssertionError("the connection ended")


def quiet_ping(peer):
    """An answer that nobody asked for gets none."""
    peer.ping(b"unasked!", ACK)
    peer.ping(b"conform!")


CASES = [
    ("3.5", "preface", begin, settings_come_first),
    ("3.5", "no preface", no_preface, closed),
    ("4.1", "a frame of unknown type", steps((0xfa, 0, 0, b"what?")), alive),
    ("4.1", "undefined flags", lambda p: p.ping(flags=0xfe), pinged()),
    ("4.1", "the reserved bit", lambda p: p.ping(stream=0x8000_0000), pinged()),
    ("4.2", "DATA of 2^14 bytes", post_then((DATA, END_STREAM, 1, BIG)), answered()),
    ("4.2", "DATA above SETTINGS_MAX_FRAME_SIZE", post_then((DATA, END_STREAM, 1, BIG + b"x")),
     stream_error(FRAME_SIZE_ERROR)),
    ("4.2", "HEADERS above SETTINGS_MAX_FRAME_SIZE", steps((HEADERS, 5, 1, block(GET) + BIG)), SIZE),
    ("4.3", "an invalid header block", steps((HEADERS, 5, 1, b"\x82\x86\x84\x1f\xff\xff\xff\xff\xff\xff\xff")),
     connection_error(COMPRESSION_ERROR)),
    ("4.3", "PRIORITY inside a header block", steps(HALF_BLOCK, (PRIORITY, 0, 1, WEIGHT_16), REST), PROTOCOL),
    ("4.3", "another stream's HEADERS inside a header block", steps(HALF_BLOCK, (HEADERS, 5, 3, block(GET))), PROTOCOL),
    ("5.1", "idle: DATA", steps((DATA, END_STREAM, 1, b"test")), connection_error(PROTOCOL_ERROR, STREAM_CLOSED)),
    ("5.1", "idle: RST_STREAM", steps(CANCELLED), PROTOCOL),
    ("5.1", "idle: WINDOW_UPDATE", steps((WINDOW_UPDATE, 0, 1, b"\0\0\0\x64")), PROTOCOL),
    ("5.1", "idle: CONTINUATION", steps((CONTINUATION, END_HEADERS, 1, block(GET))), PROTOCOL),
    ("5.1", "half-closed: DATA", get_then((DATA, END_STREAM, 1, b"test")), CLOSED_STREAM),
    ("5.1", "half-closed: HEADERS", get_then((HEADERS, 5, 1, block(GET))), CLOSED_STREAM),
    ("5.1", "half-closed: CONTINUATION", get_then((CONTINUATION, END_HEADERS, 1, block(GET))),
     connection_error(STREAM_CLOSED, PROTOCOL_ERROR)),
    ("5.1", "reset: DATA", post_then(CANCELLED, (DATA, END_STREAM, 1, b"test")), CLOSED_STREAM),
    ("5.1", "reset: HEADERS", post_then(CANCELLED, (HEADERS, 5, 1, block(GET))), CLOSED_STREAM),
    ("5.1", "reset: CONTINUATION", post_then(CANCELLED, (CONTINUATION, END_HEADERS, 1, block(GET))),
     connection_error(STREAM_CLOSED, PROTOCOL_ERROR)),
    ("5.1", "closed: DATA", after_answer((DATA, END_STREAM, 1, b"test")), connection_error(STREAM_CLOSED)),
    ("5.1", "closed: HEADERS", after_answer((HEADERS, 5, 1, block(GET))), connection_error(STREAM_CLOSED)),
    ("5.1", "closed: CONTINUATION", after_answer((CONTINUATION, END_HEADERS, 1, block(GET))),
     connection_error(STREAM_CLOSED, PROTOCOL_ERROR)),
    ("5.1.1", "an even stream", steps((HEADERS, 5, 2, block(GET))), PROTOCOL),
    ("5.1.1", "a stream lower than the last", backwards, PROTOCOL),
    ("5.1.2", "more streams than are allowed", too_many_streams, stream_error(PROTOCOL_ERROR, REFUSED_STREAM)),
    ("5.3.1", "HEADERS that depend on themselves",
     steps((HEADERS, 5 | PRIORITIZED, 1, SELF + block(GET))), BAD_REQUEST),
    ("5.3.1", "PRIORITY on itself", steps((PRIORITY, 0, 1, SELF)), BAD_REQUEST),
    ("5.4.1", "an invalid PING ends the connection", steps((PING, 0, 0, b"short")), closed),
    ("5.4.1", "an invalid PING is answered by GOAWAY", steps((PING, 0, 0, b"short")), SIZE),
    ("5.5", "an unknown frame", steps((0x16, 0, 0, bytes(8))), alive),
    ("5.5", "an unknown frame inside a header block", steps(HALF_BLOCK, (0x16, 0, 0, bytes(8)), REST), PROTOCOL),
    ("6.1", "DATA on stream 0", post_then((DATA, END_STREAM, 0, b"test")), PROTOCOL),
    ("6.1", "DATA on a stream that is not open", after_answer((DATA, END_STREAM, 1, b"test")), CLOSED_STREAM),
    ("6.1", "DATA with more padding than payload", post_then((DATA, END_STREAM | PADDED, 1, b"\x09test")), PROTOCOL),
    ("6.2", "HEADERS without an end, then PRIORITY", steps(HALF_BLOCK, (PRIORITY, 0, 1, WEIGHT_16)), PROTOCOL),
    ("6.2", "HEADERS without an end, then others", steps(HALF_BLOCK, (HEADERS, 5, 3, block(GET))), PROTOCOL),
    ("6.2", "HEADERS on stream 0", steps((HEADERS, 5, 0, block(GET))), PROTOCOL),
    ("6.2", "HEADERS with more padding than payload", steps((HEADERS, 5 | PADDED, 1, b"\xff" + block(GET))), PROTOCOL),
    ("6.3", "PRIORITY on stream 0", steps((PRIORITY, 0, 0, WEIGHT_16)), PROTOCOL),
    ("6.3", "PRIORITY that is not 5 bytes", post_then((PRIORITY, 0, 1, b"\x80\0\0\x01")), stream_error(FRAME_SIZE_ERROR)),
    ("6.4", "RST_STREAM on stream 0", steps((RST_STREAM, 0, 0, b"\0\0\0\x08")), PROTOCOL),
    ("6.4", "RST_STREAM on an idle stream", steps(CANCELLED), PROTOCOL),
    ("6.4", "RST_STREAM that is not 4 bytes", post_then((RST_STREAM, 0, 1, b"\0\0\0")), SIZE),
    ("6.5", "SETTINGS acknowledged with a payload", steps((SETTINGS, ACK, 0, bytes(6))), SIZE),
    ("6.5", "SETTINGS on a stream", steps((SETTINGS, 0, 1, settings((MAX_CONCURRENT_STREAMS, 1)))), PROTOCOL),
    ("6.5", "SETTINGS that are not sixes", steps((SETTINGS, 0, 0, bytes(3))), SIZE),
    ("6.5.2", "ENABLE_PUSH of 2", sets((ENABLE_PUSH, 2)), PROTOCOL),
    ("6.5.2", "INITIAL_WINDOW_SIZE of 2^31", sets((INITIAL_WINDOW_SIZE, 1 << 31)), FLOW),
    ("6.5.2", "MAX_FRAME_SIZE below 2^14", sets((MAX_FRAME_SIZE, 16_383)), PROTOCOL),
    ("6.5.2", "MAX_FRAME_SIZE above 2^24 - 1", sets((MAX_FRAME_SIZE, 1 << 24)), PROTOCOL),
    ("6.5.2", "an unknown setting", sets((0xff, 1)), alive),
    ("6.5.3", "INITIAL_WINDOW_SIZE twice: the last counts",
     steps((SETTINGS, 0, 0, settings((INITIAL_WINDOW_SIZE, 100), (INITIAL_WINDOW_SIZE, 1))), (HEADERS, 5, 1, block(GET))),
     first_data(1)),
    ("6.5.3", "SETTINGS are acknowledged", sets(), settings_acknowledged),
    ("6.7", "PING", lambda p: p.ping(), pinged()),
    ("6.7", "an answer to no PING", quiet_ping, pinged()),
    ("6.7", "PING on a stream", lambda p: p.ping(stream=1), PROTOCOL),
    ("6.7", "PING that is not 8 bytes", steps((PING, 0, 0, bytes(6))), SIZE),
    ("6.8", "GOAWAY on a stream", steps((GOAWAY, 0, 1, bytes(8))), PROTOCOL),
    ("6.9", "WINDOW_UPDATE by 0", steps((WINDOW_UPDATE, 0, 0, bytes(4))), PROTOCOL),
    ("6.9", "WINDOW_UPDATE of a stream by 0", post_then((WINDOW_UPDATE, 0, 1, bytes(4))), BAD_REQUEST),
    ("6.9", "WINDOW_UPDATE that is not 4 bytes", steps((WINDOW_UPDATE, 0, 0, b"\0\0\x01")), SIZE),
    ("6.9.1", "a window of 1",
     steps((SETTINGS, 0, 0, settings((INITIAL_WINDOW_SIZE, 1))), (HEADERS, 5, 1, block(GET))), first_data(1)),
    ("6.9.1", "a window above 2^31 - 1", window_too_large(0), FLOW),
    ("6.9.1", "a stream's window above 2^31 - 1", window_too_large(1), stream_error(FLOW_CONTROL_ERROR)),
    ("6.9.2", "INITIAL_WINDOW_SIZE changes later", window_grows_later, first_data(1)),
    ("6.9.2", "a window below zero", window_becomes_negative, first_data(1)),
    ("6.9.2", "INITIAL_WINDOW_SIZE above 2^31 - 1", sets((INITIAL_WINDOW_SIZE, 0xffff_ffff)), FLOW),
    ("6.10", "several CONTINUATIONs",
     steps((HEADERS, END_STREAM, 1, block(GET[:1])), (CONTINUATION, 0, 1, block(GET[1:2])), REST), answered()),
    ("6.10", "CONTINUATION, then something else", steps(HALF_BLOCK, (DATA, END_STREAM, 1, b"test")), PROTOCOL),
    ("6.10", "CONTINUATION on stream 0", steps(HALF_BLOCK, (CONTINUATION, END_HEADERS, 0, block(GET[2:]))), PROTOCOL),
    ("6.10", "CONTINUATION behind the end of HEADERS", post_then((CONTINUATION, END_HEADERS, 1, block([("a", "b")]))),
     PROTOCOL),
    ("6.10", "CONTINUATION behind the end of CONTINUATION",
     steps((HEADERS, 0, 1, block(POST[:2])), REST, (CONTINUATION, END_HEADERS, 1, block([("a", "b")]))), PROTOCOL),
    ("6.10", "CONTINUATION behind DATA",
     post_then((DATA, 0, 1, b"test"), (CONTINUATION, END_HEADERS, 1, block([("a", "b")]))), PROTOCOL),
    ("7", "GOAWAY with an unknown code", steps((GOAWAY, 0, 0, struct.pack(">II", 0, 0xff))), closed),
    ("7", "RST_STREAM with an unknown code", post_then((RST_STREAM, 0, 1, b"\0\0\0\xff")), alive),
    ("8.1", "trailers without an end", post_then((DATA, 0, 1, b"test"), (HEADERS, END_HEADERS, 1, block([("x-a", "b")]))),
     BAD_REQUEST),
    ("8.1.2", "an upper-case name", asks(("X-TEST", "ok")), BAD_REQUEST),
    ("8.1.2", "a space in a name", asks(("x test", "ok")), BAD_REQUEST),
    ("8.1.2", "a NUL in a value", asks(("x-test", "o\0k")), BAD_REQUEST),
    ("8.1.2", "a line feed in a value", asks(("x-test", "o\nk")), BAD_REQUEST),
    ("8.1.2", "a space before a value", asks(("x-test", " ok")), BAD_REQUEST),
    ("8.1.2.1", "an unknown pseudo field", asks((":test", "ok")), BAD_REQUEST),
    ("8.1.2.1", "a pseudo field of responses", asks((":status", "200")), BAD_REQUEST),
    ("8.1.2.1", "a pseudo field in trailers",
     post_then((DATA, 0, 1, b"test"), (HEADERS, 5, 1, block([(":method", "GET")]))), BAD_REQUEST),
    ("8.1.2.1", "a pseudo field behind others", asks_only(*GET[:3], ("x-test", "ok"), GET[3]), BAD_REQUEST),
    ("8.1.2.2", "a field of the connection", asks(("connection", "keep-alive")), BAD_REQUEST),
    ("8.1.2.2", "te other than trailers", asks(("te", "trailers, deflate;q=0.5")), BAD_REQUEST),
    ("8.1.2.3", "an empty :path", asks_only(*but(":path", (":path", ""))), BAD_REQUEST),
    ("8.1.2.3", "no :method", asks_only(*but(":method")), BAD_REQUEST),
    ("8.1.2.3", "no :scheme", asks_only(*but(":scheme")), BAD_REQUEST),
    ("8.1.2.3", "no :path", asks_only(*but(":path")), BAD_REQUEST),
    ("8.1.2.3", "two :method", asks_only((":method", "GET"), *GET), BAD_REQUEST),
    ("8.1.2.3", "two :scheme", asks_only((":scheme", "http"), *GET), BAD_REQUEST),
    ("8.1.2.3", "two :path", asks_only((":path", "/"), *GET), BAD_REQUEST),
    ("8.1.2.6", "content-length of another body", content_length("1", b"test"), BAD_REQUEST),
    ("8.1.2.6", "content-length of other bodies", content_length("1", b"test", b"test"), BAD_REQUEST),
    ("8.2", "PUSH_PROMISE", steps((PUSH_PROMISE, END_HEADERS, 1, b"\0\0\0\x02" + block(GET))), PROTOCOL),
]
