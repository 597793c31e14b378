"""TLS and mutual TLS as clients see them that nobody here wrote; certificates that change under a running server."""
import contextlib
import signal
import socket
import ssl
import subprocess
import time

import grpc
import pytest

from certificates import Certificates
from grpcurl import tool
from health import NOT_SERVING, SERVING, Health


@pytest.fixture
def certificates(tmp_path):
    return Certificates(tmp_path / "tls")


def credentials(certificates, ca="ca", name=None):
    pair = {"private_key": certificates.bytes(f"{name}.key"),
            "certificate_chain": certificates.bytes(f"{name}.pem")} if name else {}
    return grpc.ssl_channel_credentials(certificates.bytes(f"{ca}.pem"), **pair)


@contextlib.contextmanager
def connect(server, certificates, **more):
    options = (("grpc.use_local_subchannel_pool", 1),)
    with grpc.secure_channel(server.address, credentials(certificates, **more), options) as channel:
        yield Health(channel)


def refused(server, certificates, **more):
    with connect(server, certificates, **more) as health, pytest.raises(grpc.RpcError) as error:
        health.check()
    assert error.value.code() == grpc.StatusCode.UNAVAILABLE
    return error.value.details()


def test_python_and_grpcurl_by_tls(serve, certificates):
    server = serve(options=certificates.serve_options())
    with connect(server, certificates) as health:
        assert health.check() == SERVING
    refused(server, certificates, ca="other")
    done = subprocess.run(
        [tool(), "-cacert", certificates.path("ca.pem"), server.address, "list"], capture_output=True, text=True,
        timeout=30)
    assert "grpc.health.v1.Health" in done.stdout, done.stderr
    server.stop()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_versions_of_tls(serve, certificates):
    server = serve(options=certificates.serve_options())
    host, port = server.address.rsplit(":", 1)
    for version, is_taken in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True),
                              (ssl.TLSVersion.TLSv1_3, True)):
        context = ssl.create_default_context(cafile=certificates.path("ca.pem"))
        context.set_alpn_protocols(["h2"])
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        with contextlib.suppress(ssl.SSLError):
            context.minimum_version = context.maximum_version = version
        with socket.create_connection((host, int(port)), timeout=10) as plain:
            try:
                with context.wrap_socket(plain, server_hostname="localhost") as wrapped:
                    assert is_taken and wrapped.selected_alpn_protocol() == "h2"
            except (ssl.SSLError, ConnectionError):
                assert not is_taken


@pytest.mark.parametrize("protocols", [[], ["http/1.1"]])
def test_who_does_not_speak_http2_is_sent_away(serve, certificates, protocols):
    server = serve(options=certificates.serve_options())
    host, port = server.address.rsplit(":", 1)
    context = ssl.create_default_context(cafile=certificates.path("ca.pem"))
    if protocols:
        context.set_alpn_protocols(protocols)
    with contextlib.suppress(ssl.SSLError, ConnectionError), socket.create_connection(
            (host, int(port)), timeout=10) as plain, context.wrap_socket(plain, server_hostname="localhost") as wrapped:
        assert wrapped.recv(100) == b""
    until(lambda: "ALPN h2" in server.errors())
    server.stop()


def test_mutual_tls(serve, certificates):
    server = serve(options=certificates.serve_options(client_ca="ca.pem"))
    certificates.issue("shop", "URI:spiffe://cupo.test/shop")
    certificates.issue("stranger", "DNS:shop", by="other")
    for _ in range(3):
        with connect(server, certificates, name="shop") as health:
            assert health.check() == SERVING
    refused(server, certificates)
    refused(server, certificates, name="stranger")
    done = subprocess.run(
        [tool(), "-cacert", certificates.path("ca.pem"), "-cert", certificates.path("shop.pem"), "-key",
         certificates.path("shop.key"), server.address, "list"], capture_output=True, text=True, timeout=30)
    assert "grpc.health.v1.Health" in done.stdout, done.stderr
    with connect(server, certificates, name="shop") as health:
        watch = health.watch()
        assert next(watch) == SERVING
        server.tell_to_end()
        assert next(watch) == NOT_SERVING
    server.stop()


def test_sighup_reads_the_certificates_again(serve, certificates):
    server = serve(options=certificates.serve_options())
    with connect(server, certificates) as open_before:
        assert open_before.check() == SERVING
        good = certificates.bytes("server.pem")
        with open(certificates.path("server.pem"), "w") as file:
            file.write("nothing\n")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: "the certificates stay as they were" in server.errors())
        with connect(server, certificates) as health:
            assert health.check() == SERVING
        with open(certificates.path("server.pem"), "wb") as file:
            file.write(good)
        certificates.issue("server", "DNS:localhost,IP:127.0.0.1", by="other")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: "new certificates are in use" in server.errors())
        with connect(server, certificates, ca="other") as health:
            assert health.check() == SERVING
        refused(server, certificates)
        assert open_before.check() == SERVING
    server.stop()


def test_plain_text_and_tls_do_not_mix(serve, certificates, tmp_path):
    secure = serve(options=certificates.serve_options())
    with grpc.insecure_channel(secure.address) as channel, pytest.raises(grpc.RpcError) as error:
        Health(channel).check()
    assert error.value.code() == grpc.StatusCode.UNAVAILABLE
    until(lambda: "it does not speak TLS, and this port speaks nothing else" in secure.errors())
    host, port = secure.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"this port takes TLS only" in plain.makefile("rb").read()
    secure.stop()
    plain_server = serve(data=tmp_path / "plain")
    refused(plain_server, certificates)
    until(lambda: "it speaks TLS, and this port does not" in plain_server.errors())
    plain_server.stop()


def test_the_commands(serve, certificates, binary, root):
    certificates.issue("shop", "DNS:shop")
    # `--apply` has to work although nobody has told the server a certificate for itself.
    server = serve(options=certificates.serve_options(client_ca="ca.pem"), apply=root / "examples/gift-shop.yaml")
    tls = ["--tls-ca", certificates.path("ca.pem"), "--tls-certificate", certificates.path("shop.pem"),
           "--tls-key", certificates.path("shop.key")]
    command = [binary, "availability", "mug", "--target", server.address]
    done = subprocess.run([*command, *tls], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and "mug" in done.stdout, done.stderr
    for options, words in (([], "TLS only"), (["--tls"], "not from an authority that is trusted"), (tls[:2], "")):
        done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=30)
        assert done.returncode == 6 and words in done.stderr, done.stderr
    server.stop()


def test_wrong_options_are_said(binary, certificates, tmp_path):
    def serve(*options):
        done = subprocess.run(
            [binary, "serve", "--listen", "127.0.0.1:0", "--storage", "memory:", *options], capture_output=True,
            text=True, timeout=30)
        return done.returncode, done.stderr

    pem, key = certificates.path("server.pem"), certificates.path("server.key")
    for options, words in (
            (["--tls-certificate", pem], "come together"), (["--tls-client-ca", pem], "needs --tls-certificate"),
            (["--tls-certificate", "/nowhere", "--tls-key", key], "cannot read /nowhere"),
            (["--tls-certificate", pem, "--tls-key", certificates.path("ca.key")], "not that of"),
            (["--listen", "0.0.0.0:0", "--tls-certificate", pem, "--tls-key", key], "--token-keys")):
        status, errors = serve(*options)
        assert status == 2 and words in errors, errors


def until(is_so, seconds=10):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)
