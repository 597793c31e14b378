"""BatchReserve by Python's gRPC: outcomes in order, errors as Reserve's, and what is near the limit of a message."""
import uuid

import grpc
import pytest
from cupo.capacity.v1 import reservation_pb2 as reservation
from google.rpc import error_details_pb2, status_pb2

from cupo_client import SECONDS, Cupo, line, refusal, reserve_request

MESSAGE_MAX = 4 * 1024 * 1024


def batch(cupo, requests):
    outcomes = cupo.capacity.BatchReserve(
        reservation.BatchReserveRequest(requests=requests), timeout=SECONDS * 3).outcomes
    assert len(outcomes) == len(requests)
    return outcomes


def error_of(outcome):
    """The outcome's error read as google.rpc.Status, and its ErrorInfo."""
    status = status_pb2.Status.FromString(outcome.error.SerializeToString())
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    return status, info


def test_a_thousand_in_order_and_the_rest_is_refused(server):
    with Cupo(server.address) as cupo:
        cupo.put_single("ticket", 900)
        requests = [reserve_request(str(uuid.uuid4()), line("ticket"), buyer=f"buyer-{n % 7}") for n in range(1000)]
        outcomes = batch(cupo, requests)
        assert [o.WhichOneof("outcome") for o in outcomes] == ["reserved"] * 900 + ["error"] * 100
        assert [o.reserved.reservation.buyer_id for o in outcomes[:900]] == [r.buyer_id for r in requests[:900]]
        assert len({o.reserved.reservation.reservation_id for o in outcomes[:900]}) == 900
        status, info = error_of(outcomes[999])
        assert status.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
        assert info.reason == "HELD_BY_OTHERS" and info.domain == "cupo"
        again = batch(cupo, requests[:900])
        assert all(o.reserved.replayed for o in again)
        assert [o.reserved.reservation for o in again] == [o.reserved.reservation for o in outcomes[:900]]


def test_an_error_is_that_of_reserve(server):
    with Cupo(server.address) as cupo:
        cupo.put_single("ticket", 1)
        wrong = [reserve_request("", line("ticket", 0)), reserve_request("k1", line("ticket", 2)),
                 reserve_request("k2", line("nothing"))]
        for request, outcome in zip(wrong, batch(cupo, wrong)):
            with pytest.raises(grpc.RpcError) as alone:
                cupo.capacity.Reserve(request, timeout=SECONDS)
            status, info = error_of(outcome)
            told = refusal(alone.value)
            assert (status.code, status.message, info) == (told.code.value[0], told.message, told.info)
            assert len(status.details) == told.details and not outcome.abridged


@pytest.mark.parametrize("count", [0, 1001])
def test_none_or_too_many_is_a_violation(server, count):
    with Cupo(server.address) as cupo:
        cupo.put_single("ticket", 5)
        with pytest.raises(grpc.RpcError) as caught:
            batch(cupo, [reserve_request(f"k{n}", line("ticket")) for n in range(count)])
        assert refusal(caught.value).reason == "FIELD_VIOLATION"
        assert refusal(caught.value).bad_request.field_violations[0].field == "requests"


def test_the_largest_answer_fits_and_says_what_is_missing(server):
    """As long as requests may be, to a client that takes 4 MiB as gRPC's do."""
    with Cupo(server.address) as cupo:
        cupo.put_stock("hall", 10**9)
        products = [f"p{n}".ljust(64, "x") for n in range(32)]
        for product in products:
            cupo.put_product(product, {"hall": 1})
        requests = [
            reserve_request(f"{n}".ljust(64, "k"), [line(p) for p in products], buyer="b" * 64, reference="r" * 128)
            for n in range(1000)]
        sent = reservation.BatchReserveRequest(requests=requests).ByteSize()
        assert sent < MESSAGE_MAX
        outcomes = batch(cupo, requests)
        assert all(o.WhichOneof("outcome") == "reserved" for o in outcomes)
        short = [o.abridged for o in outcomes]
        assert short == sorted(short) and not short[0] and short[-1]
        last = outcomes[-1].reserved.reservation
        assert not last.lines and last.code and last.expires_at.seconds
        whole = cupo.capacity.GetReservation(
            reservation.GetReservationRequest(reservation_id=last.reservation_id), timeout=SECONDS).reservation
        assert len(whole.lines) == 32 and whole.reference == "r" * 128
