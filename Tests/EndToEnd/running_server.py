"""One `cupo serve` process: started on a free port, watched on both outputs, ended by its process id."""
import os
import re
import signal
import subprocess
import threading

import identity

READY = re.compile(r"ready address=(?P<address>\S+:\d+|unix:\S+) storage=(?P<storage>\S+) version=(?P<version>\S+)")


class RunningServer:
    """`storage`, `apply`, `listen` and the other `options` are what `cupo serve` takes; `data` is its folder."""

    def __init__(self, binary, data, storage=None, apply=None, listen="127.0.0.1:0", options=(),
                 has_key=True):
        # With `has_key` it takes the session's tokens; without, it makes a key of its own.
        self.has_key = has_key
        self.data = data
        self.command = [binary, "serve", "--listen", listen, "--data", str(data), *options]
        self.command += ["--storage", storage] if storage else []
        self.command += ["--apply", str(apply)] if apply else []
        self.process = None
        self.is_told_to_end = False
        self.lines, self.error_lines = [], []
        self.ready = threading.Event()

    @property
    def pid(self):
        return self.process.pid

    def start(self, seconds=30):
        if self.has_key:
            identity.give_key(self.data)
        # Both are pipes: what a test does to the server's files must not keep it from saying what is wrong.
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            errors="replace")
        self.readers = [
            threading.Thread(target=self._read, args=pair, daemon=True)
            for pair in ((self.process.stdout, self.lines), (self.process.stderr, self.error_lines))]
        for reader in self.readers:
            reader.start()
        if not self.ready.wait(seconds) or not self.lines:
            self.kill()
            raise AssertionError(f"no ready line within {seconds} s (exit {self.process.returncode}): {self.errors()}")
        match = READY.fullmatch(self.lines[0])
        assert match, f"not a ready line: {self.lines[0]!r}"
        self.address, self.storage, self.version = match.group("address", "storage", "version")
        return self

    def stop(self, seconds=15):
        """SIGTERM, and all that is promised for it: it ends in time, with status 0, having said one line."""
        self.tell_to_end()
        assert self.wait(seconds) == 0, f"exit status {self.process.returncode} after SIGTERM: {self.errors()}"
        assert len(self.lines) == 1, f"more than the ready line on standard output: {self.lines}"

    def tell_to_end(self):
        """SIGTERM, once: a second one would end it without waiting for anybody."""
        if not self.is_told_to_end and self.process.poll() is None:
            self.is_told_to_end = True
            self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds):
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running {seconds} s after it was told to end: {self.errors()}") from None
        for reader in self.readers:
            reader.join(5)
        return status

    def kill(self):
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
        if self.process:
            self.process.wait()

    def is_running(self):
        return self.process.poll() is None

    def errors(self):
        return "\n".join(self.error_lines[-20:])

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))

    def _read(self, output, lines):
        with output:
            for line in output:
                lines.append(line.rstrip("\n"))
                if lines is self.lines:
                    self.ready.set()
        self.ready.set()
