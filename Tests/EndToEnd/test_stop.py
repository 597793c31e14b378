"""SIGTERM: GOAWAY, running calls finish, the process ends with status 0, and what was acknowledged is there."""
import signal
import threading
import time

import grpc
import pytest
from hyperframe import frame as frames

import cupo_client
from cupo_client import Cupo, Kind, line, refusal
from raw_http2 import RawConnection, grpc_frame
from stored_ledger import StoredLedger


def test_a_call_whose_message_is_under_way_finishes(serve, tmp_path):
    server = serve()
    with Cupo(server.address) as cupo:
        cupo.put_single("kayak", 1)
    message = grpc_frame(cupo_client.reserve_request("k", line("kayak")).SerializeToString())
    with RawConnection(server.address) as connection:
        connection.call(1, ends=False)
        connection.write(connection.data(1, message[:10], ends=False))
        connection.write(frames.PingFrame(0, b"12345678").serialize())
        connection.until(lambda f: isinstance(f, frames.PingFrame))
        server.tell_to_end()
        assert connection.until(lambda f: isinstance(f, frames.GoAwayFrame)).error_code == 0
        assert server.is_running()
        connection.write(connection.data(1, message[10:], ends=True))
        assert connection.status(1) == 0
        server.stop()
    assert len(StoredLedger(tmp_path / "data/cupo.db").audit().reservations) == 1


def test_calls_in_flight_are_answered_or_refused_cleanly(serve, tmp_path):
    server = serve()
    with Cupo(server.address) as cupo:
        cupo.put_single("kayak", 1_000_000)
        calls = []

        def send():
            for n in range(4_000):
                calls.append(cupo.capacity.Reserve.future(
                    cupo_client.reserve_request(f"k{n}", line("kayak")), timeout=20))

        sender = threading.Thread(target=send)
        sender.start()
        while len(calls) < 1_000:
            time.sleep(0.001)
        server.tell_to_end()
        sender.join()
        errors = [call.exception() for call in calls]
        answered = [call.result().reservation.reservation_id for call, e in zip(calls, errors) if e is None]
    server.stop()
    assert answered
    assert {e.code() for e in errors if e} <= {grpc.StatusCode.UNAVAILABLE}
    stored = StoredLedger(tmp_path / "data/cupo.db").audit()
    assert len(stored.reservations) >= len(answered)


def test_watchers_are_told_that_it_ends(serve):
    server = serve()
    with Cupo(server.address) as cupo:
        cupo.put_single("kayak", 1)
        watch = cupo.watch("kayak")
        assert next(m for m in watch if m.kind == Kind.KIND_SNAPSHOT_END)
        server.tell_to_end()
        with pytest.raises(grpc.RpcError) as caught:
            list(watch)
    error = refusal(caught.value)
    assert (error.code, error.reason) == (grpc.StatusCode.UNAVAILABLE, "SHUTTING_DOWN")
    assert error.retry
    server.stop()


def test_an_idle_connection_and_a_half_open_one_do_not_hold_it_up(serve):
    server = serve()
    with RawConnection(server.address), RawConnection(server.address, opens=False):
        server.stop(10)


def test_a_second_signal_does_not_wait(serve):
    server = serve()
    with RawConnection(server.address) as connection:
        connection.call(1, ends=False)
        server.tell_to_end()
        connection.until(lambda f: isinstance(f, frames.GoAwayFrame))
        server.process.send_signal(signal.SIGTERM)
        assert server.wait(5) == 128 + signal.SIGTERM
