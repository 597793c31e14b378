"""A full disk and a database that becomes read-only: refused in time, read still, nothing lost, well again after."""
import contextlib
import os
import signal
import subprocess
import time

import grpc
import pytest

from broken_disk import FullDisk, Immutable, SizeLimit, small_disk
from cupo_client import Cupo, State, line, refusal
from stored_ledger import StoredLedger

WAYS = ["disk-full", "size-limit", "immutable", "nothing-writable"]


@pytest.fixture(params=WAYS)
def sick(request, serve, tmp_path):
    """A server with a hold, and a way to break its disk."""
    folder = tmp_path / "disk"
    with contextlib.ExitStack() as stack:
        if request.param == "disk-full":
            stack.enter_context(small_disk(folder))
        server = serve(data=folder)
        # What a test leaves broken would keep pytest from clearing its folder.
        if request.param == "disk-full":
            way = FullDisk(folder)
        elif request.param == "immutable":
            way = Immutable(folder)
            stack.callback(way.mend)
            if not way.is_possible():
                pytest.skip("no immutable files here; nothing-writable shows the same")
        else:
            written = sum(file.stat().st_size for file in folder.iterdir())
            way = SizeLimit(server, written + 300_000 if request.param == "size-limit" else 0)
        stack.callback(server.kill)
        yield Sick(server, way, folder)


class Sick:
    def __init__(self, server, way, folder):
        self.server, self.way, self.folder = server, way, folder
        self.acknowledged = {}
        self.number = 0

    def reserve(self, cupo):
        self.number += 1
        key = f"k{self.number}"
        self.acknowledged[key] = cupo.reserve(key, line("seat"), ttl=3_600, reference="x" * 100).reservation

    def until_refused(self, cupo, requests_max=20_000):
        """Reserves until the disk says no. A log that has room inside it goes on for a while."""
        for _ in range(requests_max):
            try:
                self.reserve(cupo)
            except grpc.RpcError as error:
                return refusal(error)
        raise AssertionError(f"{requests_max} reservations, and none was refused")

    def until_well(self, cupo, seconds=15):
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.reserve(cupo)
            except grpc.RpcError as error:
                assert refusal(error).reason == "STORAGE_UNAVAILABLE"
                assert time.monotonic() < deadline, f"not well {seconds} s after the disk is"
                time.sleep(0.1)


def is_storage_unavailable(error):
    assert (error.code, error.reason) == (grpc.StatusCode.UNAVAILABLE, "STORAGE_UNAVAILABLE"), error
    assert error.retry and (error.retry.retry_delay.seconds or error.retry.retry_delay.nanos)
    shown = error.message + error.localized.message + str(error.info.metadata)
    assert "SQL" not in shown and "disk" not in shown.lower(), f"says what callers must not see: {shown}"
    return True


def test_refused_read_and_recovered(sick):
    with Cupo(sick.server.address) as cupo:
        cupo.put_single("seat", 1_000_000)
        for _ in range(10):
            sick.reserve(cupo)
        sick.way.break_it()
        assert is_storage_unavailable(sick.until_refused(cupo))
        kept = dict(sick.acknowledged)

        # Reads answer, and say what was acknowledged: neither less nor more.
        assert cupo.pools("seat") == {"seat": (1_000_000, len(kept), 0)}
        for reservation in list(kept.values())[-5:]:
            assert cupo.get(reservation.reservation_id) == reservation
        for _ in range(20):
            with pytest.raises(grpc.RpcError) as caught:
                sick.reserve(cupo)
            assert is_storage_unavailable(refusal(caught.value))
        assert cupo.pools("seat") == {"seat": (1_000_000, len(kept), 0)}
        assert sick.server.is_running()

        sick.way.mend()
        sick.until_well(cupo)
        first = next(iter(kept.values()))
        assert cupo.consume(first.reservation_id).reservation.state == State.RESERVATION_STATE_CONSUMED
        assert cupo.pools("seat") == {"seat": (1_000_000, len(sick.acknowledged) - 1, 1)}
    sick.server.stop()
    stored = StoredLedger(sick.folder / "cupo.db").audit()
    keys = {key for _, key in stored.keys}
    assert keys == set(sick.acknowledged), "the store has other reservations than those acknowledged"


def test_a_hold_ends_while_the_disk_is_full(sick):
    with Cupo(sick.server.address) as cupo:
        cupo.put_single("seat", 1_000_000)
        cupo.put_single("last", 1)
        ended = cupo.reserve("short", line("last"), ttl=2).reservation
        sick.way.break_it()
        sick.until_refused(cupo)
        time.sleep(2.1)
        assert cupo.pools("last") == {"last": (1, 0, 0)}
        assert cupo.get(ended.reservation_id).state == State.RESERVATION_STATE_EXPIRED
        sick.way.mend()
        sick.until_well(cupo)
        assert not cupo.reserve("next", line("last"), buyer="buyer-2").replayed
    sick.server.stop()
    StoredLedger(sick.folder / "cupo.db").audit()


def test_sigterm_ends_it_all_the_same(sick):
    with Cupo(sick.server.address) as cupo:
        cupo.put_single("seat", 1_000_000)
        sick.way.break_it()
        sick.until_refused(cupo)
        sick.server.stop(15)
    sick.way.mend()
    stored = StoredLedger(sick.folder / "cupo.db").audit()
    assert {key for _, key in stored.keys} == set(sick.acknowledged)


def test_killed_while_full_and_started_again(sick, serve):
    with Cupo(sick.server.address) as cupo:
        cupo.put_single("seat", 1_000_000)
        sick.way.break_it()
        sick.until_refused(cupo)
        sick.server.kill()
    sick.way.mend()
    StoredLedger(sick.folder / "cupo.db").audit()
    again = serve(data=sick.folder)
    with Cupo(again.address) as cupo:
        assert cupo.pools("seat") == {"seat": (1_000_000, len(sick.acknowledged), 0)}
        for key in list(sick.acknowledged)[-5:]:
            answer = cupo.reserve(key, line("seat"), ttl=3_600, reference="x" * 100)
            assert answer.replayed and answer.reservation == sick.acknowledged[key]
    again.stop()


def second(binary, data, *arguments):
    return subprocess.run(
        [binary, "serve", "--listen", "127.0.0.1:0", "--data", str(data), *arguments],
        capture_output=True, text=True, timeout=20)


def test_a_second_server_on_the_same_data_is_refused(server, cupo, binary, tmp_path):
    other = second(binary, tmp_path / "data")
    assert other.returncode > 0
    assert other.stdout == ""
    assert str(server.pid) in other.stderr and "data" in other.stderr, other.stderr
    assert len(other.stderr.strip().splitlines()) <= 3 and "Fatal" not in other.stderr, other.stderr
    assert cupo.still_answers()


def test_a_file_that_is_no_store_is_refused(binary, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/cupo.db").write_bytes(b"not a database, but long enough to look at. " * 100)
    other = second(binary, tmp_path / "data")
    assert other.returncode > 0 and other.stdout == "" and "cupo.db" in other.stderr
    assert (tmp_path / "data/cupo.db").read_bytes().startswith(b"not a database")


def test_another_address_needs_leave(binary, tmp_path):
    other = subprocess.run(
        [binary, "serve", "--listen", "0.0.0.0:0", "--data", str(tmp_path / "data")],
        capture_output=True, text=True, timeout=20)
    assert other.returncode > 0 and other.stdout == "" and "--insecure" in other.stderr


def test_a_taken_port_is_named(server, binary, tmp_path):
    other = subprocess.run(
        [binary, "serve", "--listen", server.address, "--data", str(tmp_path / "other")],
        capture_output=True, text=True, timeout=20)
    assert other.returncode > 0 and other.stdout == "" and server.address.rsplit(":", 1)[1] in other.stderr


def test_sigint_ends_it_too(serve):
    server = serve()
    os.kill(server.pid, signal.SIGINT)
    assert server.wait(15) == 0
