"""One `cupo serve` process: started on a free port, watched on both outputs, ended by its process id."""
import os
import re
import signal
import subprocess
import threading
import time

READY = re.compile(r"ready address=(?P<address>\S+:\d+) storage=(?P<storage>\S+) version=(?P<version>\S+)")


class RunningServer:
    """The arguments after `folder` are for single tests: `storage` and `apply` as `cupo serve` takes them, `arguments`
    more of its own, `prefix` a command to run it under, `survives_size_limit` so that a write beyond RLIMIT_FSIZE
    fails instead of ending the process."""

    def __init__(
        self, binary, data, folder, storage=None, apply=None, arguments=(), prefix=(), survives_size_limit=False
    ):
        self.data = data
        self.log = folder / f"server-{time.monotonic_ns()}.log"
        self.command = [*prefix, binary, "serve", "--listen", "127.0.0.1:0", "--data", str(data)]
        self.command += ["--storage", storage] if storage else []
        self.command += ["--apply", str(apply)] if apply else []
        self.command += arguments
        self.restores_signals = not survives_size_limit
        self.process = None
        self.lines = []
        self.ready = threading.Event()

    @property
    def pid(self):
        return self.process.pid

    def start(self, seconds=30):
        with open(self.log, "wb") as log:
            # Python ignores SIGXFSZ; a child whose signals are not restored does so too.
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
                restore_signals=self.restores_signals)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        if not self.ready.wait(seconds) or not self.lines:
            self.kill()
            raise AssertionError(f"no ready line within {seconds} s (exit {self.process.returncode}): {self.errors()}")
        match = READY.fullmatch(self.lines[0])
        assert match, f"not a ready line: {self.lines[0]!r}"
        self.address, self.storage, self.version = match.group("address", "storage", "version")
        return self

    def stop(self, seconds=15):
        """SIGTERM, and all that is promised for it: it ends in time, with status 0, having said one line."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        assert self.wait(seconds) == 0, f"exit status {self.process.returncode} after SIGTERM: {self.errors()}"
        assert len(self.lines) == 1, f"more than the ready line on standard output: {self.lines}"

    def wait(self, seconds):
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running {seconds} s after it was told to end: {self.errors()}") from None
        self.reader.join(5)
        return status

    def kill(self):
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
        if self.process:
            self.process.wait()

    def is_running(self):
        return self.process.poll() is None

    def errors(self):
        return self.log.read_text(errors="replace")[-2000:]

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))

    def _read(self):
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip("\n"))
                self.ready.set()
        self.ready.set()
