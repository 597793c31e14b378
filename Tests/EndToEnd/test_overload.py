"""What a server does with more than it is meant to take, as operators configure it: rates, calls of one connection, logs that
keep quiet about people, keys that have just been published.
"""
import subprocess
import threading
import time

import grpc
import pytest

import identity
from cupo.capacity.v1 import reservation_pb2
from cupo_client import Cupo, line, refusal


def told(call):
    """The error of a call; None where it is let in."""
    try:
        call()
    except grpc.RpcError as error:
        return refusal(error)
    return None


def test_rates_are_limited_by_the_file(serve, binary, tmp_path):
    rules = tmp_path / "rates"
    rules.write_text("""
# role   rpc      rate        burst
admin    *        unlimited
buyer    Reserve  1/h         2
*        *        2/s         10
""")
    server = serve(options=["--rate-limits", str(rules)])
    with Cupo(server.address) as admin:
        admin.put_single("seat", 100)
        buyer = identity.token(binary, "buyer", subject="ana")
        with Cupo(server.address, bearer=buyer) as ana:
            request = reservation_pb2.ReserveRequest(idempotency_key="k", lines=[line("seat")])
            held = ana.capacity.Reserve(request, timeout=5).reservation
            ana.capacity.Reserve(request, timeout=5)
            error = told(lambda: ana.capacity.Reserve(request, timeout=5))
            assert (error.code, error.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED")
            assert 3_590 < error.retry.retry_delay.seconds <= 3_600
            # All RPCs together: a wait that is true.
            for _ in range(30):
                error = told(lambda: ana.slots("seat"))
                if error:
                    break
            assert error.reason == "RATE_LIMITED"
            wait = error.retry.retry_delay
            assert 0 < wait.seconds + wait.nanos / 1e9 <= 0.5
            # Giving back is never refused, and an administrator is not limited here.
            for _ in range(30):
                ana.capacity.Release(reservation_pb2.ReleaseRequest(reservation_id=held.reservation_id), timeout=5)
                admin.slots("seat")
            time.sleep(wait.seconds + wait.nanos / 1e9 + 0.01)
            assert told(lambda: ana.slots("seat")) is None
    server.stop()


def test_the_contract_suite_checks_rates(serve, binary, tmp_path):
    rules = tmp_path / "rates"
    rules.write_text("buyer * 2/s 20\n")
    server = serve(options=["--rate-limits", str(rules)])
    done = subprocess.run(
        [binary, "contract", "--target", server.address, "--data", str(server.data), "--rate-limits", "--filter",
         "rate limits"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    server.stop()


@pytest.mark.parametrize("rules, complaint", [
    ("nobody * 1/s", "line 1: 'nobody' is no role"), ("* Reserv 1/s", "'Reserv' is no RPC"),
    ("* * fast", "'fast' is no rate"), ("* Release 1/s", "Release is never limited")])
def test_rules_that_are_none_are_named(binary, tmp_path, rules, complaint):
    file = tmp_path / "rates"
    file.write_text(rules)
    done = subprocess.run(
        [binary, "serve", "--listen", "127.0.0.1:0", "--storage", "memory:", "--data", str(tmp_path / "data"),
         "--rate-limits", str(file)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and complaint in done.stderr, done.stderr


def test_one_connection_has_a_limit_of_calls(serve):
    """Calls beyond it wait for the others: HTTP/2 tells the client how many it may have open."""
    server = serve(options=["--max-calls-per-connection", "3"])
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 5)
        watches = [cupo.watch("seat") for _ in range(3)]
        for watch in watches:
            next(watch)
        with pytest.raises(grpc.RpcError) as error:
            cupo.availability.GetAvailability(availability_request("seat"), timeout=1)
        assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        watches[0].cancel()
        cupo.slots("seat")
        with Cupo(server.address) as other:
            other.slots("seat")
    server.stop()


def availability_request(product):
    from cupo.capacity.v1 import availability_pb2

    return availability_pb2.GetAvailabilityRequest(product_id=product)


BUYER, REFERENCE = "planted-buyer-4711", "planted-reference-0815"


@pytest.mark.parametrize("storage", [None, "memory:"])
def test_logs_do_not_say_whose_a_call_was(serve, binary, storage):
    server = serve(storage=storage, options=["--log-level", "trace"])
    with Cupo(server.address) as admin:
        admin.put_single("seat", 3)
        token = identity.token(binary, "buyer", subject=BUYER)
        with Cupo(server.address, bearer=token) as buyer:
            request = reservation_pb2.ReserveRequest(
                idempotency_key=f"{BUYER}-key", lines=[line("seat")], reference=REFERENCE)
            held = buyer.capacity.Reserve(request, timeout=5).reservation
            request.lines[0].quantity = 2
            assert told(lambda: buyer.capacity.Reserve(request, timeout=5)).reason == "IDEMPOTENCY_KEY_REUSED"
            request.idempotency_key, request.lines[0].quantity = "other", 9
            assert told(lambda: buyer.capacity.Reserve(request, timeout=5)) is not None
            request.buyer_id = f"{BUYER}-2"
            assert told(lambda: buyer.capacity.Reserve(request, timeout=5)).reason == "NOT_OWNER"
            request.reference = REFERENCE * 100
            assert told(lambda: buyer.capacity.Reserve(request, timeout=5)).reason == "FIELD_VIOLATION"
            raw = buyer.connection.unary_unary("/cupo.capacity.v1.CapacityService/Reserve")
            metadata = [("authorization", f"Bearer {token}"), ("x-request-id", "r-1")]
            assert told(lambda: raw(f"\xff{BUYER}".encode(), timeout=5, metadata=metadata)) is not None
            buyer.capacity.Consume(reservation_pb2.ConsumeRequest(reservation_id=held.reservation_id), timeout=5)
            buyer.capacity.ListReservations(reservation_pb2.ListReservationsRequest(buyer_id=BUYER), timeout=5)
            threads = [
                threading.Thread(target=lambda: told(lambda: buyer.capacity.Reserve(request, timeout=0.001)))
                for _ in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    server.stop()
    log = "\n".join(server.error_lines + server.lines)
    assert len(server.error_lines) > 50, "nothing was logged that could have said it"
    assert BUYER not in log and REFERENCE not in log


def test_a_failing_store_does_not_say_whose_a_call_was(serve, binary):
    from broken_disk import SizeLimit

    server = serve()
    with Cupo(server.address) as admin:
        admin.put_single("seat", 1_000)
        disk = SizeLimit(server, 0)
        disk.break_it()
        token = identity.token(binary, "buyer", subject=BUYER)
        with Cupo(server.address, bearer=token) as buyer:
            request = reservation_pb2.ReserveRequest(
                idempotency_key=f"{BUYER}-key", lines=[line("seat")], reference=REFERENCE)
            error = told(lambda: buyer.capacity.Reserve(request, timeout=5))
            assert error.reason == "STORAGE_UNAVAILABLE" and error.retry.retry_delay.seconds > 0
        disk.mend()
    server.stop()
    log = "\n".join(server.error_lines)
    assert "P2 the store fails" in log
    assert BUYER not in log and REFERENCE not in log


def test_a_key_that_was_just_published_is_looked_for_at_once(serve, binary, tmp_path):
    """The files are looked at once a second; a token by a key that is not known has them looked at before."""
    keys = tmp_path / "keys"
    keys.mkdir()
    server = serve(options=["--token-keys", str(keys), "--token-issuer", "cupo"])
    published, waits = keys / "local.pem", []
    with Cupo(server.address) as cupo:
        reason = lambda: told(lambda: cupo.slots("seat")).reason
        for _ in range(5):
            published.unlink(missing_ok=True)
            until(lambda: reason() == "TOKEN_INVALID")
            # Away from the times at which it is looked at anyway.
            time.sleep(0.05)
            subprocess.run(
                ["openssl", "ec", "-in", str(identity.KEY), "-pubout", "-out", str(tmp_path / "new.pem")],
                capture_output=True, check=True)
            (tmp_path / "new.pem").rename(published)
            start = time.monotonic()
            until(lambda: reason() == "PRODUCT_NOT_FOUND")
            waits.append(time.monotonic() - start)
    assert sorted(waits)[2] < 0.3, waits
    server.stop()


def until(is_so, seconds=10):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)
