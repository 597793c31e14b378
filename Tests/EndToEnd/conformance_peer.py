"""A peer that speaks HTTP/2 frame by frame, and what it may expect of a server.

Not for calls: see raw_http2.py. Frames are bytes here, because most cases of the conformance suite need frames that no
library would write.
"""
import socket
import struct
import time

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
ACK = END_STREAM = 0x1
END_HEADERS, PADDED, PRIORITIZED = 0x4, 0x8, 0x20
(NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, FRAME_SIZE_ERROR,
 REFUSED_STREAM, CANCEL, COMPRESSION_ERROR) = range(10)
ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE = 2, 3, 4, 5
SECONDS = 10


def frame(kind, flags=0, stream=0, payload=b"", length=None):
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def settings(*pairs):
    return b"".join(struct.pack(">HI", key, value) for key, value in pairs)


def _length(text):
    """An integer with a prefix of 7 bits (RFC 7541, section 5.1)."""
    rest = len(text) - 127
    if rest < 0:
        return bytes([len(text)])
    encoded = [127]
    while rest >= 128:
        encoded.append(rest % 128 + 128)
        rest //= 128
    return bytes([*encoded, rest])


def literal(name, value):
    """A field that is not indexed (RFC 7541, section 6.2.2), both strings shorter than 127 bytes."""
    return b"\x00" + _length(name) + name.encode() + _length(value) + value.encode()


def block(fields):
    return b"".join(literal(*field) for field in fields)


def request(method="GET", *more):
    return [(":method", method), (":scheme", "http"), (":path", "/"), (":authority", "localhost"), *more]


GET, POST = request("GET"), request("POST")


class Peer:
    def __init__(self, address, opens=True, own=()):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer, self.decoder, self.is_closed = b"", hpack.Decoder(), False
        self.fields, self.settings = {}, {}
        if opens:
            self.write(PREFACE + frame(SETTINGS, payload=settings(*own)))
            self.until(lambda f: f[0] == SETTINGS and f[1] & ACK)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def write(self, data):
        try:
            self.socket.sendall(data)
        except ConnectionError:
            self.is_closed = True

    def send(self, kind, flags=0, stream=0, payload=b"", length=None):
        self.write(frame(kind, flags, stream, payload, length))

    def headers(self, stream, fields=GET, flags=END_STREAM | END_HEADERS):
        self.send(HEADERS, flags, stream, fields if isinstance(fields, bytes) else block(fields))

    def data(self, stream, payload=b"test", flags=END_STREAM):
        self.send(DATA, flags, stream, payload)

    def ping(self, payload=b"conform!", flags=0, stream=0):
        self.send(PING, flags, stream, payload)

    def read(self):
        """The next frame as (type, flags, stream, payload); None at the end of the connection."""
        head = self._take(9)
        if head is None:
            return None
        body = self._take(int.from_bytes(head[:3], "big"))
        if body is None:
            return None
        kind, flags, stream = struct.unpack(">BBI", head[3:])
        self._note(kind, flags, stream, body)
        return kind, flags, stream, body

    def until(self, wanted):
        """The first frame that `wanted` says yes to; None where the connection ends before, an error where it hangs."""
        deadline, seen = time.monotonic() + SECONDS, []
        while time.monotonic() < deadline:
            try:
                found = self.read()
            except TimeoutError:
                break
            if found is None or wanted(found):
                return found
            seen.append(found[:3])
        raise AssertionError(f"nothing like it within {SECONDS} s; seen: {seen}")

    def finish(self, stream):
        """Reads the whole answer on a stream."""
        return self.until(lambda f: f[2] == stream and f[0] in (DATA, HEADERS) and f[1] & END_STREAM)

    def _note(self, kind, flags, stream, body):
        if kind == HEADERS:
            self.fields.setdefault(stream, {}).update(self.decoder.decode(body))
        if kind == SETTINGS and not flags & ACK:
            self.settings.update(struct.unpack(">HI", body[at:at + 6]) for at in range(0, len(body), 6))
            self.send(SETTINGS, ACK)

    def _take(self, count):
        while len(self.buffer) < count:
            try:
                more = self.socket.recv(65_536)
            except ConnectionError:
                more = b""
            if not more:
                self.is_closed = True
                return None
            self.buffer += more
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data


def code(found):
    at = 4 if found[0] == GOAWAY else 0
    return int.from_bytes(found[3][at:at + 4], "big")


class connection_error:
    """GOAWAY with one of these codes, and the end of the connection."""

    def __init__(self, *codes):
        self.codes = codes

    def __call__(self, peer):
        found = peer.until(lambda f: f[0] == GOAWAY)
        assert found is not None, "the connection ended without GOAWAY"
        assert code(found) in self.codes, f"GOAWAY with {code(found)}, not {self.codes}"
        assert peer.until(lambda f: False) is None


class stream_error(connection_error):
    """RST_STREAM with one of these codes; a connection error is stricter and as good (RFC 9113, section 5.4.2)."""

    def __call__(self, peer):
        found = peer.until(lambda f: f[0] in (RST_STREAM, GOAWAY))
        assert found is not None, "the connection ended without a word"
        assert code(found) in self.codes, f"error {code(found)}, not {self.codes}"


class answered:
    """The answer to a request, complete, with one of these statuses."""

    def __init__(self, stream=1, status=("200", "405", "415")):
        self.stream, self.status = stream, status

    def __call__(self, peer):
        if peer.fields.get(self.stream) is None:
            assert peer.finish(self.stream), "the connection ended"
        assert peer.fields[self.stream][":status"] in self.status


def closed(peer):
    """The end of the connection, with or without GOAWAY."""
    assert peer.until(lambda f: False) is None


def alive(peer):
    """A ping is answered: what came before did not matter."""
    payload = b"and now?"
    peer.ping(payload)
    assert peer.until(lambda f: f[0] == PING and f[1] & ACK and f[3] == payload), "the connection ended"


class first_data:
    """The first DATA frame is as long as the window lets it be."""

    def __init__(self, length, stream=1):
        self.length, self.stream = length, stream

    def __call__(self, peer):
        found = peer.until(lambda f: f[0] == DATA and f[2] == self.stream)
        assert found and len(found[3]) == self.length
