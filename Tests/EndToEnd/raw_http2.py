"""HTTP/2 by hand: frames and header blocks of other people's libraries, in any order and as broken as a test wants."""
import socket
import struct
import time

import hpack
import identity
from hyperframe import frame as frames

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
RESERVE = "/cupo.capacity.v1.CapacityService/Reserve"


def grpc_frame(message):
    return struct.pack(">BI", 0, len(message)) + message


class RawConnection:
    """A socket to the server; `opens` sends preface and SETTINGS first."""

    def __init__(self, address, opens=True, seconds=10):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=seconds)
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.buffer = b""
        self.headers = {}
        if opens:
            self.write(PREFACE + frames.SettingsFrame(0).serialize())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def write(self, data):
        self.socket.sendall(data)

    def header_block(self, path=RESERVE, more=()):
        return self.encoder.encode([
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost"),
            ("content-type", "application/grpc"), ("te", "trailers"), *identity.header(), *more], huffman=False)

    def call(self, stream, message=None, ends=True, path=RESERVE, more=()):
        """HEADERS, and DATA where there is a message."""
        headers = frames.HeadersFrame(stream, self.header_block(path, more))
        headers.flags.add("END_HEADERS")
        if message is None and ends:
            headers.flags.add("END_STREAM")
        data = headers.serialize()
        if message is not None:
            data += self.data(stream, grpc_frame(message), ends)
        self.write(data)

    @staticmethod
    def data(stream, data, ends):
        frame = frames.DataFrame(stream, data)
        if ends:
            frame.flags.add("END_STREAM")
        return frame.serialize()

    def read_frame(self):
        """The next frame, or None at the end of the connection. A reset counts as an end."""
        header = self._read(9)
        if header is None:
            return None
        frame, length = frames.Frame.parse_frame_header(memoryview(header))
        body = self._read(length)
        if body is None:
            return None
        frame.parse_body(memoryview(body))
        if isinstance(frame, frames.HeadersFrame):
            fields = dict(self.decoder.decode(frame.data))
            self.headers.setdefault(frame.stream_id, {}).update(fields)
        if isinstance(frame, frames.PingFrame) and "ACK" not in frame.flags:
            answer = frames.PingFrame(0, frame.opaque_data)
            answer.flags.add("ACK")
            self.write(answer.serialize())
        return frame

    def until(self, wanted, seconds=10):
        """Reads up to the first frame that `wanted` says yes to; None where the connection ended before."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            frame = self.read_frame()
            if frame is None or wanted(frame):
                return frame
        raise AssertionError(f"not seen within {seconds} s")

    def status(self, stream):
        """The gRPC status that a call ends with; None where the server reset it or closed the connection."""
        ended = self.until(
            lambda f: f.stream_id == stream and (isinstance(f, frames.RstStreamFrame) or "END_STREAM" in f.flags))
        if ended is None or isinstance(ended, frames.RstStreamFrame):
            return None
        return int(self.headers[stream]["grpc-status"])

    def is_closed_within(self, seconds):
        """Whether the server ends the connection, whatever it says before."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65_536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True

    def _read(self, count):
        while len(self.buffer) < count:
            try:
                more = self.socket.recv(65_536)
            except ConnectionError:
                return None
            if not more:
                return None
            self.buffer += more
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data
