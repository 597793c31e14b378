"""What every end-to-end test stands on: the built binary, stubs of the public contract, a server of its own.

Not for what a single test needs. The one thing to know before changing it: whatever is started here is stopped here,
by its process id, also when a test fails.
"""
import os
import pathlib
import random
import signal
import sys

import pytest

import identity
import postgres_server
import running_server
import stubs

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS_MAX = int(os.environ.get("CUPO_TEST_SECONDS", "150"))


def pytest_configure(config):
    folder = config.stash[_FOLDER] = stubs.generate(ROOT / "proto")
    os.environ["CUPO_STUBS"] = folder.name
    sys.path.insert(0, folder.name)
    if found := _binary():
        identity.begin(found)


def pytest_unconfigure(config):
    if folder := config.stash.get(_FOLDER, None):
        folder.cleanup()


_FOLDER = pytest.StashKey()


@pytest.fixture(scope="session")
def root():
    return ROOT


def _candidates():
    named = os.environ.get("CUPO_BINARY")
    return [named] if named else [ROOT / ".build/release/cupo", ROOT / ".build/debug/cupo"]


def _binary():
    found = next((candidate for candidate in _candidates() if os.access(candidate, os.X_OK)), None)
    return found and str(pathlib.Path(found).resolve())


@pytest.fixture(scope="session")
def binary():
    if found := _binary():
        return found
    pytest.exit(f"no binary to test at {' or '.join(map(str, _candidates()))}: make build, or set CUPO_BINARY", 2)


@pytest.fixture
def serve(binary, tmp_path):
    """Starts a server; its arguments are those of `RunningServer`, by default on an empty folder."""
    servers = []

    def start(data=None, **options):
        server = running_server.RunningServer(binary, data or tmp_path / "data", **options)
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def server(serve):
    """One server on an empty folder, which must end well after the test."""
    server = serve()
    yield server
    server.stop()


@pytest.fixture
def cupo(server):
    import cupo_client

    with cupo_client.Cupo(server.address) as client:
        yield client


@pytest.fixture
def postgres():
    """A PostgreSQL that syncs as it does in production, for this test alone."""
    server = postgres_server.PostgresServer("fsync=on")
    yield server
    server.stop()


@pytest.fixture
def rng(request):
    """Random numbers of this test; CUPO_SEED repeats a run."""
    seed = int(os.environ.get("CUPO_SEED") or random.SystemRandom().getrandbits(32))
    print(f"\nseed: CUPO_SEED={seed} ({request.node.name})")
    return random.Random(seed)


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
