"""What the interoperability tests stand on: stubs of gRPC's test service, our server, our client, a server by grpcio.

The one thing to know before changing it: whatever is started here is stopped here, by its process id, also when a test
fails.
"""
import os
import pathlib
import signal
import sys
import tempfile

import grpc_tools
import pytest
from grpc_tools import protoc

import fixture_process

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
SECONDS_MAX = 60
_STUBS = pytest.StashKey()


def pytest_configure(config):
    """Generates the stubs into a temporary folder: nothing generated for Python is committed."""
    folder = config.stash[_STUBS] = tempfile.TemporaryDirectory(prefix="cupo-interop-")
    proto = FOLDER / "proto"
    files = [str(path.relative_to(proto)) for path in sorted(proto.rglob("*.proto"))]
    known = pathlib.Path(grpc_tools.__file__).parent / "_proto"
    code = protoc.main(["protoc", f"-I{proto}", f"-I{known}", f"--python_out={folder.name}", *files])
    if code != 0:
        raise RuntimeError(f"grpcio-tools could not generate stubs from {proto} (status {code})")
    os.environ["CUPO_INTEROP_STUBS"] = folder.name


def pytest_unconfigure(config):
    if folder := config.stash.get(_STUBS, None):
        folder.cleanup()


def _binary(name):
    path = pathlib.Path(os.environ.get("CUPO_INTEROP_BINARIES", ROOT / ".build/debug")) / name
    if not os.access(path, os.X_OK):
        pytest.exit(f"no {path}: swift build --product {name}, or set CUPO_INTEROP_BINARIES", 2)
    return str(path)


@pytest.fixture(scope="module")
def our_server():
    """The address of our server, which must end well after the last test."""
    process = fixture_process.FixtureProcess([_binary("interop-server"), "--port", "0"])
    try:
        yield process.start()
        process.stop()
    finally:
        process.kill()


@pytest.fixture(scope="module")
def grpcio_server():
    """The address of a server by grpcio, in a process of its own."""
    process = fixture_process.FixtureProcess([sys.executable, str(FOLDER / "grpcio_server.py")])
    try:
        yield process.start()
    finally:
        process.kill()


@pytest.fixture(scope="session")
def our_client():
    return _binary("interop-client")


@pytest.fixture(autouse=True)
def no_test_hangs(request):
    """A test that waits for ever fails instead, with the stack that waited."""

    def fail(*_):
        raise TimeoutError(f"{request.node.name} took more than {SECONDS_MAX} s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(SECONDS_MAX)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
