"""Every case of gRPC's interoperability tests, across implementations."""
import subprocess

import pytest

import client_cases
import testing_service


@pytest.mark.parametrize("name", client_cases.CASES)
def test_our_server_with_a_client_by_grpcio(our_server, name):
    with testing_service.channel(our_server) as channel:
        channel.address = our_server
        client_cases.CASES[name](testing_service.Stub(channel), channel)


CLIENT_SECONDS = 50


def play(client, address, name):
    result = subprocess.run(
        [client, "--target", address, "--case", name], capture_output=True, text=True, timeout=CLIENT_SECONDS)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines() == [f"pass {name}"]


@pytest.mark.parametrize("name", client_cases.CASES)
def test_our_server_with_our_client(our_server, our_client, name):
    play(our_client, our_server, name)


@pytest.mark.parametrize("name", client_cases.CASES)
def test_a_server_by_grpcio_with_our_client(grpcio_server, our_client, name):
    play(our_client, grpcio_server, name)


def test_our_client_tells_of_a_case_that_fails(our_client):
    result = subprocess.run(
        [our_client, "--target", "127.0.0.1:1", "--case", "empty_unary"], capture_output=True, text=True,
        timeout=CLIENT_SECONDS)
    assert result.returncode == 1 and result.stdout.startswith("fail empty_unary: "), result


def test_our_client_knows_all_cases(our_client):
    result = subprocess.run([our_client, "--list"], capture_output=True, text=True, timeout=CLIENT_SECONDS)
    assert result.stdout.split() == list(client_cases.CASES)
