"""Who may do what, against the real binary over the network: the whole matrix by the generated contract suite, and once more
by Python from the options of the proto files; the first run; keys that come and go; certificates.
"""
import os
import stat
import subprocess
import time

import grpc
import pytest

import identity
from certificates import Certificates
from cupo.capacity.v1 import availability_pb2, event_pb2, inventory_pb2, reservation_pb2
from cupo.contract.v1 import contract_pb2
from cupo_client import Cupo, line, refusal
from google.protobuf import message_factory
from health import SERVING, Health

ROLES = [name.removeprefix("ROLE_").lower() for name in contract_pb2.Role.keys() if name != "ROLE_UNSPECIFIED"]
FILES = [availability_pb2, inventory_pb2, reservation_pb2, event_pb2]
METHODS = [method for file in FILES for service in file.DESCRIPTOR.services_by_name.values() for method in service.methods]


def no_token():
    return {name: value for name, value in os.environ.items() if name != "CUPO_TOKEN"}


def command(binary, *arguments, env=None, cwd=None):
    return subprocess.run(
        [binary, *map(str, arguments)], capture_output=True, text=True, timeout=120, env=env, cwd=cwd)


def reason(call):
    """What a call is told; nothing where it is let in."""
    try:
        call()
    except grpc.RpcError as error:
        return refusal(error).reason
    return ""


def test_the_matrix_by_the_contract_suite(server, binary):
    for words in ("access:", "identity:", "ownership:"):
        done = command(
            binary, "contract", "--target", server.address, "--data", server.data, "--filter", words)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "0 failed" in done.stdout and "not checked" not in done.stdout


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_the_matrix_by_the_proto_files(server, binary, method):
    """Every RPC by every role, from descriptors that grpcio-tools has made: a role is let in if the contract names it."""
    contract = method.GetOptions().Extensions[contract_pb2.method]
    allowed = {contract_pb2.Role.Name(role).removeprefix("ROLE_").lower() for role in contract.roles}
    assert allowed, "default is deny, so somebody must be named"
    path = f"/{method.containing_service.full_name}/{method.name}"
    request = message_factory.GetMessageClass(method.input_type)()
    response = message_factory.GetMessageClass(method.output_type)
    with grpc.insecure_channel(server.address) as channel:
        kind = channel.unary_stream if method.server_streaming else channel.unary_unary
        call = kind(path, request_serializer=type(request).SerializeToString, response_deserializer=response.FromString)

        def send(bearer):
            answer = call(request, timeout=10, metadata=identity.header(bearer) if bearer else [])
            if method.server_streaming:
                next(answer)
                answer.cancel()

        assert reason(lambda: send(None)) == "TOKEN_MISSING"
        for role in ROLES:
            told = reason(lambda: send(identity.token(binary, role, sellers=["s"])))
            assert (told == "ROLE_NOT_ALLOWED") == (role not in allowed), f"{role} is told {told or 'nothing'}"


def test_the_first_run_is_two_commands(serve, binary, tmp_path):
    data = tmp_path / "data"
    server = serve(has_key=False)
    key = data / "signing-key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    until(lambda: "cupo token --role buyer" in server.errors())
    made = command(binary, "token", "--role", "buyer", "--subject", "b1", "--ttl", "1h", "--data", data)
    assert made.returncode == 0 and made.stdout.count(".") == 2 and not made.stderr
    target = ["--target", server.address]
    assert command(binary, "list", "products", *target, "--data", data, env=no_token()).returncode == 0
    elsewhere = command(binary, "list", "products", *target, env=no_token(), cwd=tmp_path)
    assert elsewhere.returncode == 7 and "TOKEN_MISSING" in elsewhere.stderr
    buyer = {**no_token(), "CUPO_TOKEN": made.stdout.strip()}
    assert "ROLE_NOT_ALLOWED" in command(binary, "list", "products", *target, env=buyer).stderr
    assert command(binary, "list", "products", *target, "--token", "x.y.z").returncode == 7
    server.stop()
    before = key.read_bytes()
    again = serve(has_key=False)
    assert key.read_bytes() == before and "cupo token" not in again.errors()
    again.stop()


def test_health_and_reflection_are_for_everybody(serve):
    server = serve(options=["--no-reflection"])
    with grpc.insecure_channel(server.address) as channel:
        assert Health(channel).check() == SERVING
        reflect = channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
        with pytest.raises(grpc.RpcError) as error:
            next(reflect(iter([b""]), timeout=5))
        assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED
    server.stop()


def test_a_key_that_is_taken_away_counts_no_more(serve, binary, tmp_path):
    keys = tmp_path / "keys"
    keys.mkdir()
    subprocess.run(
        ["openssl", "ec", "-in", str(identity.KEY), "-pubout", "-out", str(keys / "local.pem")], capture_output=True,
        check=True)
    server = serve(options=["--token-keys", str(keys), "--token-issuer", "cupo", "--token-leeway", "0s"])
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 5)
        short = identity.token(binary, "admin", ttl="2s")
        with Cupo(server.address, bearer=short) as other:
            assert reason(lambda: other.slots("seat")) == ""
            time.sleep(2.1)
            assert reason(lambda: other.slots("seat")) == "TOKEN_EXPIRED"
        watch = cupo.watch("seat")
        next(watch)
        (keys / "local.pem").rename(keys / "local.away")
        # An empty folder has no keys, and is right.
        until(lambda: reason(lambda: cupo.slots("seat")) == "TOKEN_INVALID")
        with pytest.raises(grpc.RpcError) as error:
            for _ in watch:
                pass
        assert refusal(error.value).reason == "TOKEN_INVALID"
        (keys / "local.away").rename(keys / "local.pem")
        until(lambda: reason(lambda: cupo.slots("seat")) == "")
    server.stop()


def test_a_certificate_makes_a_principal(serve, tmp_path):
    certificates = Certificates(tmp_path / "tls")
    certificates.issue("shop", "URI:spiffe://cupo.test/shop")
    certificates.issue("guest", "DNS:guest.cupo.test")
    principals = tmp_path / "principals"
    principals.write_text("spiffe://cupo.test/shop  seller  subject=shop  sellers=seller-1\n")
    server = serve(options=[*certificates.serve_options(client_ca="ca.pem"), "--tls-principals", str(principals)])

    def told(name, bearer=None):
        credentials = grpc.ssl_channel_credentials(*(
            open(certificates.path(file), "rb").read() for file in ("ca.pem", f"{name}.key", f"{name}.pem")))
        with grpc.secure_channel(server.address, credentials) as channel:
            get = channel.unary_unary(
                "/cupo.capacity.v1.InventoryService/ListProducts",
                request_serializer=inventory_pb2.ListProductsRequest.SerializeToString)
            metadata = identity.header(bearer) if bearer else []
            return reason(lambda: get(inventory_pb2.ListProductsRequest(), timeout=10, metadata=metadata))

    assert told("shop") == ""
    assert told("guest") == "TOKEN_MISSING"
    # A token that is wrong is not made good by a certificate.
    assert told("shop", bearer="x.y.z") == "TOKEN_INVALID"
    principals.write_text("spiffe://cupo.test/shop  worker\n")
    until(lambda: told("shop") == "ROLE_NOT_ALLOWED")
    server.stop()


def test_tokens_do_not_show_in_logs(serve, binary):
    server = serve(options=["--log-level", "trace"])
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 1)
        cupo.reserve("k", line("seat"))
    server.stop()
    token = os.environ["CUPO_TOKEN"]
    assert token not in "\n".join(server.error_lines)
    assert token.rsplit(".", 1)[1] not in "\n".join(server.error_lines)


def test_garbage_for_tokens(server, rng):
    """Neither in nor down: what fuzzers find in an afternoon is tried in Swift, this is the way over the network."""
    good = os.environ["CUPO_TOKEN"]
    with Cupo(server.address, bearer="x") as cupo:
        call = cupo.connection.unary_unary("/cupo.capacity.v1.AvailabilityService/GetAvailability")
        for _ in range(300):
            token = list(good)
            for _ in range(rng.randint(1, 3)):
                token[rng.randrange(len(token))] = chr(rng.randint(0x21, 0x7E))
            text = "".join(token)
            if text != good:
                metadata = [("authorization", f"Bearer {text}")]
                assert reason(lambda: call(b"", timeout=10, metadata=metadata)) == "TOKEN_INVALID"
        for text in ("a" * 8_000, "." * 7_000, "a." * 3_000, "\u007f".encode().hex() * 100):
            metadata = [("authorization", f"Bearer {text}")]
            assert reason(lambda: call(b"", timeout=10, metadata=metadata)) == "TOKEN_INVALID"
    with Cupo(server.address) as cupo:
        assert cupo.still_answers()


def until(is_so, seconds=15):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.1)
