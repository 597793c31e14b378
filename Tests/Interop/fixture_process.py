"""A server process that says `ready address=HOST:PORT` once it answers, ended by its process id."""
import re
import selectors
import signal
import subprocess

READY = re.compile(r"ready address=(\S+:\d+)")


class FixtureProcess:
    def __init__(self, command):
        self.command = command
        self.process = None

    def start(self, seconds=30):
        """Its address."""
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            line = self.process.stdout.readline().strip() if selector.select(seconds) else ""
        match = READY.fullmatch(line)
        if not match:
            self.kill()
            raise AssertionError(f"no ready line within {seconds} s but {line!r}: {self.command}")
        return match.group(1)

    def stop(self, seconds=15):
        """SIGTERM; it has to end in time, with status 0."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(seconds) == 0, f"exit status {self.process.returncode} after SIGTERM"

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
            self.process.stdout.close()
