"""A server on a Unix domain socket: who may connect, what becomes of the file, and the clients that find it."""
import os
import signal
import stat
import subprocess

import grpc
import pytest

from grpcurl import tool
from health import SERVING, Health


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cupo.sock"


def test_python_grpcurl_and_the_commands_find_it(serve, path, binary):
    server = serve(listen=f"unix:{path}")
    assert server.address == f"unix:{path}"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    with grpc.insecure_channel(server.address) as channel:
        assert Health(channel).check() == SERVING
    # Without a name for the server this version of grpcurl sends the path, which is no authority (RFC 3986, section 3.2).
    done = subprocess.run(
        [tool(), "-plaintext", "-authority", "localhost", "-unix", str(path), "list"], capture_output=True, text=True,
        timeout=30)
    assert "cupo.capacity.v1.CapacityService" in done.stdout, done.stderr
    done = subprocess.run(
        [binary, "availability", "nothing", "--target", server.address], capture_output=True, text=True, timeout=30)
    assert done.returncode == 4, done.stderr
    server.stop()
    assert not path.exists()


def test_a_socket_that_a_crash_has_left_is_replaced(serve, path):
    server = serve(listen=f"unix:{path}")
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    assert path.exists()
    again = serve(listen=f"unix:{path}", options=["--socket-mode", "0660"])
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o660
    with grpc.insecure_channel(again.address) as channel:
        assert Health(channel).check() == SERVING
    again.stop()


def test_a_socket_in_use_is_refused(serve, path, binary, tmp_path):
    server = serve(listen=f"unix:{path}")
    second = subprocess.run(
        [binary, "serve", "--listen", f"unix:{path}", "--storage", "memory:"], capture_output=True, text=True, timeout=30)
    assert second.returncode == 6 and "another process listens there" in second.stderr, second.stderr
    with grpc.insecure_channel(server.address) as channel:
        assert Health(channel).check() == SERVING
    server.stop()
