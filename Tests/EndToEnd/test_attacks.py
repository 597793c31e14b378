"""Known attacks on HTTP/2 servers, over a raw socket: the attacker is sent away or costs nothing, the server stays as big
as it was, and other clients are served while it goes on.

Each attack is a function that gets a connected peer and does its worst for as long as the server lets it. What takes
minutes by default (stalled bodies, closed windows) is tested in Swift with shorter limits: ConnectionLimitsTests.
"""
import contextlib
import threading
import time

import pytest

import identity
from conformance_peer import *
from cupo_client import Cupo, line

GROWTH_MAX = 24 << 20
CALL = [(":method", "POST"), (":scheme", "http"), (":path", "/cupo.capacity.v1.CapacityService/Reserve"),
        (":authority", "localhost"), ("content-type", "application/grpc"), ("te", "trailers"), *identity.header()]
ENHANCE_YOUR_CALM = 11


class Customers:
    """Other clients, served all the while: one call after another, the longest wait noted."""

    def __init__(self, address):
        self.address, self.served, self.longest, self.failure = address, 0, 0, None
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join(10)

    def _run(self):
        try:
            with Cupo(self.address) as cupo:
                while not self.is_over.is_set():
                    start = time.monotonic()
                    cupo.reserve(f"customer-{id(self)}-{self.served}", line("seat"), ttl=5)
                    self.longest = max(self.longest, time.monotonic() - start)
                    self.served += 1
        except Exception as failure:
            self.failure = failure


@pytest.fixture(scope="module")
def victim(binary, tmp_path_factory):
    import running_server

    server = running_server.RunningServer(binary, tmp_path_factory.mktemp("attacks"), storage="memory:").start()
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 10_000_000)
        for number in range(500):
            cupo.reserve(f"warm-{number}", line("seat"), ttl=5)
        yield server
    server.stop()


def rapid_reset(peer):
    """CVE-2023-44487: calls opened and reset at once."""
    for start in range(1, 40_001, 200):
        yield b"".join(frame(HEADERS, 4, stream, block(CALL)) + frame(RST_STREAM, 0, stream, b"\0\0\0\x08")
                       for stream in range(start, start + 200, 2))


def forced_reset(peer):
    """CVE-2025-8671: the server is made to reset what was asked for."""
    for start in range(1, 40_001, 200):
        yield b"".join(frame(HEADERS, 4, stream, block(CALL)) + frame(WINDOW_UPDATE, 0, stream, b"\x7f\xff\xff\xff")
                       for stream in range(start, start + 200, 2))


def continuation_flood(peer):
    """CVE-2024-27316: a header block without end."""
    yield frame(HEADERS, 0, 1, block(CALL))
    for _ in range(2_000):
        yield frame(CONTINUATION, 0, 1, block([("x-more", "y" * 100)]) * 100)


def empty_continuations(peer):
    yield frame(HEADERS, 0, 1, block(CALL))
    for _ in range(200):
        yield frame(CONTINUATION, 0, 1) * 100


def empty_headers(peer):
    for start in range(1, 40_001, 200):
        yield b"".join(frame(HEADERS, 5, stream) for stream in range(start, start + 200, 2))


def flood_of(one, opens=b""):
    def attack(peer):
        yield opens
        for _ in range(400):
            yield one * 100
    return attack


def hpack_bomb(peer):
    """One long entry of the table, named again and again by one byte each."""
    entry = b"\x40\x06x-bomb\x7f" + b"\x81\x1e" + b"b" * (127 + 0x81 - 0x80 + (0x1e << 7))
    for stream in range(1, 401, 2):
        first = entry if stream == 1 else b""
        yield frame(HEADERS, 5, stream, block(CALL) + first + b"\xbe" * 8_000)


OPEN_CALL = frame(HEADERS, 4, 1, block(CALL))
ATTACKS = [
    (rapid_reset, True), (forced_reset, True), (continuation_flood, True), (empty_continuations, True),
    (empty_headers, True), (hpack_bomb, False),
    pytest.param(flood_of(frame(PING, 0, 0, b"12345678")), True, id="pings"),
    pytest.param(flood_of(frame(PING, ACK, 0, b"12345678")), True, id="pongs"),
    pytest.param(flood_of(frame(SETTINGS)), True, id="settings"),
    pytest.param(flood_of(frame(PRIORITY, 0, 1, b"\0\0\0\x03\x01")), True, id="priority"),
    pytest.param(flood_of(frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\x01")), True, id="window-updates"),
    pytest.param(flood_of(frame(DATA, 0, 1), OPEN_CALL), True, id="empty-data"),
    pytest.param(flood_of(frame(DATA, PADDED, 1, b"\0"), OPEN_CALL), False, id="padding-only"),
    pytest.param(flood_of(frame(0xf0, 0, 0, b"")), True, id="unknown"),
]


def launch(peer, attack):
    """Sends while it can, reading what comes so that the answers are not what stops it."""
    reader = threading.Thread(target=read_all, args=(peer,), daemon=True)
    reader.start()
    with contextlib.suppress(ConnectionError, TimeoutError):
        for data in attack(peer):
            peer.socket.sendall(data)
    return reader


def read_all(peer):
    peer.codes = []
    with contextlib.suppress(OSError, ValueError):
        while (found := peer.read()) is not None:
            if found[0] == GOAWAY:
                peer.codes.append(code(found))


@pytest.mark.parametrize("attack, is_ended", ATTACKS)
def test_attack(victim, attack, is_ended):
    before = victim.resident_bytes()
    with Customers(victim.address) as customers, Peer(victim.address) as peer:
        reader = launch(peer, attack)
        if is_ended:
            reader.join(5)
            assert not reader.is_alive(), "the attacker is still there"
            # Where bytes of the attacker were still on their way, the system may drop the GOAWAY.
            assert set(peer.codes) <= {PROTOCOL_ERROR, ENHANCE_YOUR_CALM}
        deadline = time.monotonic() + 5
        while customers.served < 20 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert customers.failure is None and customers.served >= 20
    assert customers.longest < 3, "others had to wait"
    assert victim.is_running(), victim.errors()
    growth = victim.resident_bytes() - before
    assert growth < GROWTH_MAX, f"grown by {growth >> 20} MiB"


def test_slow_headers_are_ended(victim):
    """Fifty peers that send a byte of their header block now and then: gone after ten seconds."""
    data = frame(HEADERS, 5, 1, block(CALL))
    with Customers(victim.address) as customers, contextlib.ExitStack() as stack:
        peers = [stack.enter_context(Peer(victim.address)) for _ in range(50)]
        for byte in data[:12]:
            for peer in peers:
                peer.write(bytes([byte]))
            time.sleep(1)
        for peer in peers:
            peer.socket.settimeout(5)
            found = peer.until(lambda f: f[0] == GOAWAY)
            assert found and code(found) == ENHANCE_YOUR_CALM and found[3][8:] == b"headers_timeout"
    assert customers.failure is None and customers.served > 50


def test_closed_windows_hold_little(victim):
    """Two hundred peers with a closed window, fifty calls each: no more waits than their answers."""
    before = victim.resident_bytes()
    with Customers(victim.address) as customers, contextlib.ExitStack() as stack:
        for _ in range(200):
            peer = stack.enter_context(Peer(victim.address, own=((INITIAL_WINDOW_SIZE, 0),)))
            for stream in range(1, 101, 2):
                peer.headers(stream, CALL, 4)
                peer.data(stream, b"\0\0\0\0\0")
        time.sleep(1)
        growth = victim.resident_bytes() - before
    assert customers.failure is None and customers.served > 20
    # Ten thousand streams and their errors.
    assert growth < 64 << 20, f"grown by {growth >> 20} MiB"


def test_half_open_streams_are_bounded(victim):
    """Calls without bodies up to the limit, on twenty connections: nobody else is refused."""
    with Customers(victim.address) as customers, contextlib.ExitStack() as stack:
        for _ in range(20):
            peer = stack.enter_context(Peer(victim.address))
            peer.write(b"".join(frame(HEADERS, 4, stream, block(CALL)) for stream in range(1, 2_001, 2)))
        time.sleep(1)
    assert customers.failure is None and customers.served > 20
