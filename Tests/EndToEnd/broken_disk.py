"""Ways to break a disk under a running server, and to mend it. Which of them work depends on where the tests run."""
import contextlib
import os
import resource
import subprocess

import pytest


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


@contextlib.contextmanager
def small_disk(folder, mebibytes=8):
    """A file system of its own at `folder`; skips where mounting is not permitted."""
    folder.mkdir()
    mounted = run("mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "cupo-test", str(folder))
    if mounted.returncode != 0:
        pytest.skip(f"mounting is not permitted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        run("umount", "-l", str(folder))


class FullDisk:
    """Another file takes all that is left."""

    def __init__(self, folder):
        self.filler = folder / "filler"

    def break_it(self):
        with open(self.filler, "wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(65_536))
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(512))

    def mend(self):
        self.filler.unlink()


class SizeLimit:
    """No file of the process may grow: needs no rights at all. With `bytes_max` 0 nothing can be written."""

    def __init__(self, server, bytes_max):
        self.pid, self.bytes_max = server.pid, bytes_max

    def break_it(self):
        self.before = resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (self.bytes_max, resource.RLIM_INFINITY))

    def mend(self):
        # A limit ends with its process.
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, self.before)


class Immutable:
    """The database's files refuse writes, through open files too; skips where the file system has no such flag."""

    def __init__(self, folder):
        self.folder = folder
        self.files = []

    def is_possible(self):
        probe = self.folder / "probe"
        with open(probe, "wb", buffering=0) as file:
            if run("chattr", "+i", str(probe)).returncode != 0:
                probe.unlink()
                return False
            try:
                file.write(b"x")
                refuses = False
            except OSError:
                refuses = True
        run("chattr", "-i", str(probe))
        probe.unlink()
        return refuses

    def break_it(self):
        # Not the index of the log: the kernel answers a refused write to mapped memory with SIGBUS.
        self.files = [str(file) for file in self.folder.iterdir() if file.name in ("cupo.db", "cupo.db-wal")]
        assert run("chattr", "+i", *self.files).returncode == 0

    def mend(self):
        run("chattr", "-i", *[file for file in self.files if os.path.exists(file)])
        self.files = []
