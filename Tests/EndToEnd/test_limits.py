"""What the process itself has too little of, and what it says of its frames."""
import re
import time

from conformance_peer import GET, Peer
from running_server import RunningServer


def test_descriptors_do_not_run_out(binary, tmp_path):
    """Two hundred descriptors: connections beyond wait, the server lives, and a place that is free is taken."""
    server = RunningServer(binary, tmp_path / "data", storage="memory:")
    server.command[:0] = ["prlimit", "--nofile=200:200"]
    server.start()
    peers = [Peer(server.address, opens=False) for _ in range(150)]
    try:
        time.sleep(0.5)
        with Peer(server.address, opens=False) as waiting:
            begin(waiting)
            waiting.socket.settimeout(0.5)
            try:
                assert waiting.read() is None, "served beyond the limit"
            except TimeoutError:
                pass
            for peer in peers:
                peer.socket.close()
            waiting.socket.settimeout(5)
            assert waiting.finish(1), "nobody came when there was room"
        assert server.is_running(), server.errors()
    finally:
        for peer in peers:
            peer.socket.close()
        server.stop()


def begin(peer):
    from conformance_generic import begin as preface

    preface(peer)
    peer.headers(1)


def test_frames_are_traced(binary, tmp_path):
    server = RunningServer(binary, tmp_path / "data", storage="memory:")
    server.command += ["--log-level", "trace"]
    server.start()
    with Peer(server.address) as peer:
        peer.headers(1, GET)
        peer.finish(1)
    server.stop()
    lines = "\n".join(server.error_lines)
    assert re.search(r"127\.0\.0\.1:\d+ received stream=1 HEADERS length=\d+ flags=END_STREAM,END_HEADERS", lines)
    assert re.search(r"sent stream=1 DATA length=\d+ flags=END_STREAM", lines)
