"""Peers that mean harm, or are broken: each costs the server little, and nobody else anything."""
import contextlib
import os
import socket
import struct
import time

import pytest

import identity
from hyperframe import frame as frames

import cupo_client
from cupo_client import Cupo, line
from raw_http2 import PREFACE, RESERVE, RawConnection, grpc_frame

GROWTH_MAX = 64 << 20


@pytest.fixture
def target(server):
    """The address; afterwards the server must be well: it answers, is as big as before, and has no sockets left."""
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 1_000_000)
        size, descriptors = server.resident_bytes(), open_descriptors(server)
        yield server.address
        assert server.is_running(), server.errors()
        assert cupo.still_answers()
        assert not cupo.reserve("after", line("seat")).replayed
        assert server.resident_bytes() < size + GROWTH_MAX
        deadline = time.monotonic() + 10
        while open_descriptors(server) > descriptors + 2:
            assert time.monotonic() < deadline, "connections that ended are still open"
            time.sleep(0.05)


def open_descriptors(server):
    """Sockets only: the store opens its files when it first needs them."""
    count = 0
    for name in os.listdir(f"/proc/{server.pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            count += os.readlink(f"/proc/{server.pid}/fd/{name}").startswith("socket:")
    return count


def request(key="k"):
    return cupo_client.reserve_request(key, line("seat"), ttl=5).SerializeToString()


@pytest.mark.parametrize("garbage", [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", bytes(1_000),
    b"\xff" * 70_000, PREFACE[:-1] + b"X" + bytes(100), PREFACE + b"\xff" * 100,
], ids=["http1", "tls", "zeros", "ones", "almost-a-preface", "garbage-after-preface"])
def test_garbage_ends_the_connection(target, garbage):
    with RawConnection(target, opens=False) as connection:
        with contextlib.suppress(ConnectionError):
            connection.write(garbage)
        assert connection.is_closed_within(5)


def test_random_bytes_after_a_good_beginning(target, rng):
    for _ in range(100):
        with RawConnection(target) as connection, contextlib.suppress(ConnectionError):
            connection.call(1, request())
            connection.write(rng.randbytes(rng.randrange(1, 2_000)))


def test_half_open_connections(target):
    """Two hundred that say nothing, or stop in the middle of everything."""
    begun = [b"", PREFACE[:10], PREFACE, PREFACE + b"\x00\x00\x0c\x04"]
    with contextlib.ExitStack() as stack:
        for n in range(200):
            connection = stack.enter_context(RawConnection(target, opens=False))
            connection.write(begun[n % len(begun)])
        with Cupo(target) as cupo:
            assert cupo.still_answers()


def test_a_peer_that_vanishes_in_the_middle_of_a_call(target):
    for n in range(50):
        with RawConnection(target) as connection:
            connection.call(1, ends=False)
            connection.write(connection.data(1, grpc_frame(request(f"v{n}"))[:7], ends=False))
            # Closed with a reset, as a machine that lost power does.
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_truncated_frames(target, rng):
    whole = frames.HeadersFrame(1, RawConnection(target).header_block())
    whole.flags.add("END_HEADERS")
    data = whole.serialize() + RawConnection.data(1, grpc_frame(request()), True)
    for _ in range(60):
        with RawConnection(target) as connection:
            connection.write(data[:rng.randrange(1, len(data))])


def test_a_message_cut_short(target):
    with RawConnection(target) as connection:
        connection.call(1, ends=False)
        connection.write(connection.data(1, grpc_frame(request())[:9], ends=True))
        assert connection.status(1) not in (0, None)
        connection.call(3, request())
        assert connection.status(3) == 0


@pytest.mark.parametrize("length", [0xFFFFFFFF, 0x7FFFFFFF, (4 << 20) + 1])
def test_a_message_that_claims_to_be_huge(target, length):
    with RawConnection(target) as connection:
        connection.call(1, ends=False)
        connection.write(connection.data(1, struct.pack(">BI", 0, length) + bytes(100), ends=False))
        assert connection.status(1) == 8
        connection.call(3, request())
        assert connection.status(3) == 0


def test_huge_headers_cost_the_call_or_the_connection(target):
    with RawConnection(target) as connection:
        block = connection.header_block(more=[(f"x-{n}", "v" * 1_000) for n in range(60)])
        with contextlib.suppress(ConnectionError):
            connection.write(header_frames(1, block))
            status = connection.status(1)
            assert status in (8, None), status
    with RawConnection(target) as connection:
        block = connection.header_block(more=[("x", "v" * 15_000)] * 100)
        with contextlib.suppress(ConnectionError):
            connection.write(header_frames(1, block))
            assert connection.status(1) in (8, None)


def header_frames(stream, block, size=16_384):
    first = frames.HeadersFrame(stream, block[:size])
    first.flags.add("END_STREAM")
    parts = [first] + [frames.ContinuationFrame(stream, block[n:n + size]) for n in range(size, len(block), size)]
    parts[-1].flags.add("END_HEADERS")
    return b"".join(part.serialize() for part in parts)


def test_continuations_without_end(target):
    with RawConnection(target) as connection:
        with contextlib.suppress(ConnectionError):
            connection.write(frames.HeadersFrame(1, connection.header_block()).serialize())
            for _ in range(10_000):
                connection.write(frames.ContinuationFrame(1, connection.encoder.encode([("x", "y")])).serialize())
        assert connection.is_closed_within(5)


def test_a_bomb_in_a_header_block(target):
    """A few bytes each that name a long entry of the table again and again."""
    with RawConnection(target) as connection:
        block = connection.header_block(more=[("x-bomb", "b" * 3_900)] * 4_000)
        with contextlib.suppress(ConnectionError):
            connection.write(header_frames(1, block))
            assert connection.status(1) in (8, None)


def test_a_flood_of_resets_is_ended(target):
    """CVE-2023-44487: calls opened and reset at once. An honest client may do it now and then."""
    sent = 0
    with RawConnection(target) as connection:
        try:
            for stream in range(1, 100_001, 2):
                headers = frames.HeadersFrame(stream, connection.header_block())
                headers.flags.add("END_HEADERS")
                connection.write(headers.serialize() + frames.RstStreamFrame(stream, 8).serialize())
                sent += 1
        except ConnectionError:
            pass
        assert connection.is_closed_within(5)
    assert sent < 50_000, "all of them were taken"


@pytest.mark.parametrize("flood", [
    frames.PingFrame(0, b"12345678").serialize(),
    frames.SettingsFrame(0, {4: 65_535}).serialize(),
], ids=["ping", "settings"])
def test_floods_whose_answers_nobody_reads(target, flood):
    with RawConnection(target, seconds=3) as connection:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        with contextlib.suppress(ConnectionError, TimeoutError):
            for _ in range(400):
                connection.write(flood * 1_000)


def test_empty_data_without_end(target):
    with RawConnection(target, seconds=3) as connection:
        connection.call(1, ends=False)
        empty = frames.DataFrame(1, b"").serialize()
        with contextlib.suppress(ConnectionError, TimeoutError):
            for _ in range(100):
                connection.write(empty * 1_000)


def test_more_streams_than_allowed(target):
    """Beyond the thousandth each is refused, and those below live on."""
    with RawConnection(target) as connection:
        for stream in range(1, 2_101, 2):
            connection.call(stream, ends=False)
        reset = connection.until(lambda f: isinstance(f, (frames.RstStreamFrame, frames.GoAwayFrame)))
        assert isinstance(reset, frames.RstStreamFrame) and reset.error_code == 7 and reset.stream_id > 2_000
        connection.write(connection.data(1, grpc_frame(request()), ends=True))
        assert connection.status(1) == 0


def test_answers_that_nobody_reads(target):
    """A client with a closed window watches everything: the server keeps the latest, not a queue."""
    settings = frames.SettingsFrame(0, {frames.SettingsFrame.INITIAL_WINDOW_SIZE: 0}).serialize()
    watch = cupo_client.availability.WatchAvailabilityRequest(product_ids=["seat"]).SerializeToString()
    path = "/cupo.capacity.v1.AvailabilityService/WatchAvailability"
    with RawConnection(target) as connection, Cupo(target) as cupo:
        connection.write(settings)
        for stream in range(1, 41, 2):
            connection.call(stream, watch, path=path)
        for n in range(1_000):
            cupo.reserve(f"n{n}", line("seat"), ttl=60)


@pytest.mark.parametrize("more, expected", [
    ([("grpc-timeout", "soon")], {3, 13}), ([("grpc-encoding", "zstd-nine")], {0, 12}),
    ([("grpc-timeout", "99999999H")], {0}), ([("x-bin", "%%%not base64")], {0, 3, 13}),
], ids=["timeout", "encoding", "longest-timeout", "binary-metadata"])
def test_odd_metadata(target, more, expected):
    with RawConnection(target) as connection:
        connection.call(1, request(), more=more)
        assert connection.status(1) in expected | {None}
        connection.call(3, request())
        assert connection.status(3) == 0


@pytest.mark.parametrize("fields", [
    {":method": "GET"}, {"content-type": "text/plain"}, {":path": ""}, {":path": "x" * 4_000},
    {":path": RESERVE + "/.."},
], ids=["get", "text", "no-path", "long-path", "dots"])
def test_requests_that_are_no_grpc(target, fields):
    with RawConnection(target) as connection:
        every = {":method": "POST", ":scheme": "http", ":path": RESERVE, ":authority": "localhost",
                 "content-type": "application/grpc", "te": "trailers", **dict(identity.header()), **fields}
        headers = frames.HeadersFrame(1, connection.encoder.encode(list(every.items())))
        headers.flags |= {"END_HEADERS", "END_STREAM"}
        connection.write(headers.serialize())
        ended = connection.until(lambda f: f.stream_id == 1 and (
            isinstance(f, frames.RstStreamFrame) or "END_STREAM" in f.flags))
        assert ended is not None, "a bad request must not cost the connection"
        fields = connection.headers.get(1, {})
        assert fields.get("grpc-status") != "0"
        connection.call(3, request())
        assert connection.status(3) == 0
