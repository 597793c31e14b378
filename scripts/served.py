"""A server of a measurement's own: how long it takes to start, what memory it has, and one call of the service without a client library.

Not a client that anybody should use: it speaks as much HTTP/2 as one unary call needs. The one thing to know before changing it: what a
start takes is part of what is measured, so nothing waits here that need not.
"""
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
CUPO = str(os.environ.get("CUPO_BINARY", ROOT / ".build/release/cupo"))


class NotServed(Exception):
    """A sentence that says why there is no server, or no answer."""


class Server:
    """A server on `data`. `ready_seconds` is from the start of the process to its ready line."""

    def __init__(self, data, patience=60):
        self.data = pathlib.Path(data)
        self.log = tempfile.TemporaryFile("w+")
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [CUPO, "serve", "--listen", "127.0.0.1:0", "--data", str(data), "--log-level", "error", "--grace", "5s"],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline() if select.select([self.process.stdout], [], [], patience)[0] else ""
        self.ready_seconds = time.monotonic() - self.began
        if "address=" not in line:
            self.stop()
            self.log.seek(0)
            raise NotServed(f"the server did not start within {patience} s: {self.log.read()[-500:].strip()}")
        self.address = line.split("address=")[1].split()[0]

    def memory(self, field="VmRSS"):
        """Bytes, as the kernel counts them: VmRSS is what is resident, VmHWM the most that ever was."""
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(f"{field}:")).split()[1]) * 1_024

    def cpu_seconds(self):
        """Processor time so far."""
        return cpu_seconds(self.process.pid)

    def stop(self):
        """Ends the server, as long as that takes it, and kills it if it does not."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(300)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def cpu_seconds(process):
    """Processor time of a process so far."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def stop_what_was_started():
    """SIGTERM ends a script as Ctrl-C does: what it has started is stopped, what it has written temporarily is removed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def run(command, patience, **environment):
    """Status, output and errors of a command. Where it is given up, it and all that it has started are asked to end before they are killed, so
    that no server is left."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True,
        env={**os.environ, "CUPO_TARGET": "", "CUPO_TOKEN": "", **environment})
    try:
        output, errors = process.communicate(timeout=patience)
        return process.returncode, output, errors
    except subprocess.TimeoutExpired:
        raise NotServed(f"it was not done within {patience} s") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def token(data):
    """An administrator's, by the key of a server that has run on `data`."""
    done = subprocess.run([CUPO, "token", "--role", "admin", "--subject", "bench", "--data", str(data)], capture_output=True, text=True)
    if done.returncode:
        raise NotServed(f"cupo token: {done.stderr.strip()}")
    return done.stdout.strip()


def call(address, path, bearer, message=b"", patience=60):
    """Makes one unary call and waits for the whole answer; raises NotServed unless a message came back."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), patience) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request(path, bearer, message))
        answered = False
        for kind, flags, stream in frames(connection):
            answered = answered or (kind, stream) == (DATA, 1)
            if stream == 1 and (flags & END_STREAM or kind == RST_STREAM):
                break
    if not answered:
        raise NotServed(f"{path} was not answered")


DATA, HEADERS, RST_STREAM, SETTINGS = 0, 1, 3, 4
END_STREAM, END_HEADERS = 1, 4


def request(path, bearer, message):
    """Preface, settings, and a call on stream 1 (RFC 9113)."""
    fields = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost"),
              ("content-type", "application/grpc"), ("te", "trailers"), ("authorization", f"Bearer {bearer}")]
    # Literals without indexing (RFC 7541, section 6.2.2), so that nothing has to be remembered.
    block = b"".join(b"\0" + text(name) + text(value) for name, value in fields)
    body = b"\0" + len(message).to_bytes(4, "big") + message
    return b"".join([b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", frame(SETTINGS, 0, 0, b""),
                     frame(HEADERS, END_HEADERS, 1, block), frame(DATA, END_STREAM, 1, body)])


def frame(kind, flags, stream, body):
    return len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body


def text(value):
    """A string of HPACK, its length in a prefix of 7 bits (RFC 7541, section 5.1)."""
    raw = value.encode()
    if len(raw) < 127:
        return bytes([len(raw)]) + raw
    rest, length = len(raw) - 127, [127]
    while rest >= 128:
        length.append(rest % 128 + 128)
        rest //= 128
    return bytes([*length, rest]) + raw


def frames(connection):
    """Kind, flags and stream of each frame that comes."""
    while head := exactly(connection, 9):
        exactly(connection, int.from_bytes(head[:3], "big"))
        yield head[3], head[4], int.from_bytes(head[5:9], "big") & 0x7FFF_FFFF


def exactly(connection, count):
    found = b""
    while len(found) < count:
        more = connection.recv(count - len(found))
        if not more:
            return b""
        found += more
    return found
