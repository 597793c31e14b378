"""Every case of gRPC's interoperability tests, across implementations."""
import pytest

import client_cases
import testing_service


@pytest.mark.parametrize("name", client_cases.CASES)
def test_our_server_with_a_client_by_grpcio(our_server, name):
    with testing_service.channel(our_server) as channel:
        channel.address = our_server
        client_cases.CASES[name](testing_service.Stub(channel), channel)
