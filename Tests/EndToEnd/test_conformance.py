"""HTTP/2 as RFC 9113 and RFC 7541 have it, case by case, with the plain GET and POST of a tool that knows no gRPC."""
import pytest

import conformance_generic
import conformance_hpack
import conformance_http2
from conformance_peer import Peer, alive

CASES = [
    pytest.param(act, expect, id=f"{suite}/{section} {name}")
    for suite, cases in (("generic", conformance_generic.CASES), ("http2", conformance_http2.CASES),
                         ("hpack", conformance_hpack.CASES))
    for section, name, act, expect in cases]
# These begin the connection by themselves.
BEGINNINGS = {conformance_generic.begin, conformance_http2.no_preface}


@pytest.fixture(scope="module")
def running(binary, tmp_path_factory):
    """One server for all: what one case does to it must not show in the next."""
    import running_server

    server = running_server.RunningServer(binary, tmp_path_factory.mktemp("conformance"), storage="memory:").start()
    yield server
    assert server.is_running(), server.errors()
    server.stop()


@pytest.mark.parametrize("act, expect", CASES)
def test_behaviour(running, act, expect):
    with Peer(running.address, opens=act not in BEGINNINGS) as peer:
        act(peer)
        expect(peer)


def test_the_server_is_still_well(running):
    with Peer(running.address) as peer:
        alive(peer)
