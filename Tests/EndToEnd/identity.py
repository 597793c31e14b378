"""Who the tests are: one signing key for all their servers, and an administrator's token by it in CUPO_TOKEN, which the
commands take by themselves and the clients here read.

Not for tests of who may do what: those make tokens of their own (`token`). The one thing to know before changing it: a
server finds its key in its data folder and makes one only where there is none.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile

import grpc

_FOLDER = tempfile.TemporaryDirectory(prefix="cupo-identity-")
KEY = pathlib.Path(_FOLDER.name) / "signing-key.pem"


def begin(binary):
    """Makes the key and the token of this session."""
    made = subprocess.run(
        ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout"], capture_output=True, check=True)
    KEY.touch(mode=0o600)
    KEY.write_bytes(made.stdout)
    os.environ["CUPO_TOKEN"] = token(binary, "admin", subject="tester")


def give_key(data):
    """Puts the session's key where a server with this data folder looks for it."""
    target = pathlib.Path(data) / KEY.name
    if KEY.exists() and not target.exists():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy(KEY, target)
        target.chmod(0o600)


def token(binary, *roles, subject="tester", sellers=(), ttl="24h", data=KEY.parent):
    command = [binary, "token", "--subject", subject, "--ttl", ttl, "--data", str(data)]
    for role in roles:
        command += ["--role", role]
    for seller in sellers:
        command += ["--seller", seller]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def header(bearer=None):
    """What to send along, in lower case as HTTP/2 has it; nothing where there is no token."""
    bearer = bearer or os.environ.get("CUPO_TOKEN")
    return [("authorization", f"Bearer {bearer}")] if bearer else []


class _Details(grpc.ClientCallDetails):
    def __init__(self, details, bearer):
        for name in ("method", "timeout", "credentials", "wait_for_ready", "compression"):
            setattr(self, name, getattr(details, name, None))
        self.metadata = [*(details.metadata or ()), *header(bearer)]


class _Bearer(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    def __init__(self, bearer):
        self.bearer = bearer

    def intercept_unary_unary(self, proceed, details, request):
        return proceed(_Details(details, self.bearer), request)

    def intercept_unary_stream(self, proceed, details, request):
        return proceed(_Details(details, self.bearer), request)


def _with_token(details):
    return details._replace(metadata=grpc.aio.Metadata(*(details.metadata or ()), *header()))


class _AsyncBearer(grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(self, proceed, details, request):
        return await proceed(_with_token(details), request)


# gRPC sorts interceptors by their class, one kind each.
class _AsyncStreamBearer(grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(self, proceed, details, request):
        return await proceed(_with_token(details), request)


def bearing(channel, bearer=None):
    """The channel, with a token on every call."""
    return grpc.intercept_channel(channel, _Bearer(bearer))


def aio_channel(address, options=()):
    """A channel of Python's asynchronous gRPC, with the session's token on every call."""
    return grpc.aio.insecure_channel(address, options=options, interceptors=[_AsyncBearer(), _AsyncStreamBearer()])
