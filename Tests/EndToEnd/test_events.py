"""The log from outside: in order, from any place in it, over restarts; and what verify and repair make of a damaged one."""
import contextlib
import json
import sqlite3
import subprocess
import time

import grpc
import pytest
from cupo.capacity.v1 import event_pb2 as event

from cupo_client import SELLER, Cupo, instant, line, refusal

Type = event.EventType


def follow(cupo, timeout=30, **request):
    return cupo.event.WatchEvents(event.WatchEventsRequest(**request), timeout=timeout)


def until_mark(stream):
    """All events up to the first message without any, and its token."""
    events = []
    for message in stream:
        assert message.resume_token
        if not message.events:
            return events, message.resume_token
        events += message.events
    raise AssertionError("the stream ended")


def take(stream, count):
    """So many events, and the token behind them."""
    events, token = [], None
    while len(events) < count:
        message = next(stream)
        events, token = events + list(message.events), message.resume_token
    return events, token


def run(binary, *arguments, status=0):
    done = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == status, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout


def damage(data, *statements):
    with contextlib.closing(sqlite3.connect(data / "cupo.db")) as database, database:
        return [database.execute(statement).rowcount for statement in statements]


def history(data):
    with contextlib.closing(sqlite3.connect(data / "cupo.db")) as database:
        return database.execute("SELECT sequence, body FROM event ORDER BY sequence").fetchall()


def test_a_sale_a_return_and_an_expiry_in_order(cupo):
    cupo.put_single("seat", 3)
    stream = follow(cupo, seller_id=SELLER)
    assert until_mark(stream)[0] == []
    sold = cupo.reserve("a", line("seat", 2)).reservation
    cupo.consume(sold.reservation_id)
    back = cupo.reserve("b", line("seat")).reservation
    cupo.release(back.reservation_id)
    late = cupo.reserve("c", line("seat"), ttl=1).reservation
    # Nothing else is asked of the server: the expiry must come by itself.
    events, _ = take(stream, 6)
    stream.cancel()
    assert [(e.type, e.subject) for e in events] == [
        (Type.EVENT_TYPE_RESERVATION_HELD, sold.reservation_id),
        (Type.EVENT_TYPE_RESERVATION_CONSUMED, sold.reservation_id),
        (Type.EVENT_TYPE_RESERVATION_HELD, back.reservation_id),
        (Type.EVENT_TYPE_RESERVATION_RELEASED, back.reservation_id),
        (Type.EVENT_TYPE_RESERVATION_HELD, late.reservation_id),
        (Type.EVENT_TYPE_RESERVATION_EXPIRED, late.reservation_id)]
    assert [e.sequence for e in events] == list(range(events[0].sequence, events[0].sequence + 6))
    assert instant(events[-1].at) == instant(late.expires_at)
    held = consumed = 0
    for each in events:
        movement, balance = each.movements[0], each.balances[0]
        held, consumed = held + movement.held, consumed + movement.consumed
        assert (held, consumed) == (balance.held, balance.consumed)
    assert (held, consumed) == (0, 2)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_token_outlives_the_server(serve, end):
    server = serve()
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 10)
        stream = follow(cupo)
        until_mark(stream)
        cupo.reserve("a", line("seat"))
        _, token = take(stream, 1)
        missed = cupo.reserve("b", line("seat")).reservation.reservation_id
        stream.cancel()
    getattr(server, end)()
    server = serve()
    with Cupo(server.address) as cupo:
        later = cupo.reserve("c", line("seat")).reservation.reservation_id
        events, _ = take(follow(cupo, resume_token=token), 2)
        assert [e.subject for e in events] == [missed, later]
        everything, _ = until_mark(follow(cupo, from_beginning=True))
        assert [e.sequence for e in everything] == list(range(1, len(everything) + 1))
    server.stop()


def test_a_relay_that_breaks_off_anywhere_misses_nothing(cupo, rng):
    cupo.put_single("seat", 1000)
    token, seen = until_mark(follow(cupo))[1], []
    for number in range(120):
        cupo.reserve(f"k{number}", line("seat"))
        if rng.random() < 0.2:
            stream = follow(cupo, resume_token=token)
            events, token = take(stream, rng.randrange(1, number + 2 - len(seen)))
            seen += [e.sequence for e in events]
            stream.cancel()
    events, _ = until_mark(follow(cupo, resume_token=token))
    seen += [e.sequence for e in events]
    assert seen == list(range(seen[0], seen[0] + 120))


def sell(cupo, prefix, count):
    for number in range(count):
        reservation = cupo.reserve(f"{prefix}{number}", line("seat"), ttl=600).reservation
        if number % 3 == 0:
            cupo.consume(reservation.reservation_id)
        if number % 3 == 1:
            cupo.release(reservation.reservation_id)


@pytest.mark.parametrize("option", [("--keep-events", "1s"), ("--keep-events-size", "2KB")])
def test_old_events_go_and_counters_still_add_up(serve, binary, tmp_path, option):
    server = serve()
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 1000)
        token = until_mark(follow(cupo))[1]
        sell(cupo, "a", 60)
    server.stop()
    time.sleep(1.1)
    server = serve(options=option)
    with Cupo(server.address) as cupo:
        deadline = time.monotonic() + 10
        while (first := next(follow(cupo, from_beginning=True))).events and first.events[0].sequence == 1:
            assert time.monotonic() < deadline, "nothing goes"
            time.sleep(0.05)
        with pytest.raises(grpc.RpcError) as error:
            next(follow(cupo, resume_token=token))
        assert refusal(error.value).reason == "RESUME_TOKEN_COMPACTED"
        assert error.value.code() == grpc.StatusCode.OUT_OF_RANGE
        sell(cupo, "b", 20)
        assert "from the checkpoint" in run(binary, "verify", "--data", server.data)
        # The checkpoint comes first, what it covers goes after it.
        while len(history(server.data)) >= 60:
            assert time.monotonic() < deadline, "nothing goes"
            time.sleep(0.05)
    server.stop()
    assert "from the checkpoint" in run(binary, "verify", "--data", server.data)
    assert len(history(server.data)) < 60
    # And what is damaged then is found all the same.
    damage(server.data, "UPDATE pool SET consumed = consumed + 1")
    assert "1 differences" in run(binary, "verify", "--data", server.data, status=1)
    run(binary, "repair", "--data", server.data)
    run(binary, "verify", "--data", server.data)


def test_verify_finds_and_repair_settles(serve, binary):
    server = serve()
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 1000)
        sell(cupo, "a", 30)
        assert "stop the server" in subprocess.run(
            [binary, "repair", "--data", str(server.data)], capture_output=True, text=True).stderr
    server.stop()
    run(binary, "verify", "--data", server.data)
    assert "nothing to repair" in run(binary, "repair", "--data", server.data)

    damage(server.data, "UPDATE pool SET held = held + 5")
    found = run(binary, "verify", "--data", server.data, status=1)
    assert "pool seat/0 has held 15" in found and "the log adds up to held 10" in found
    assert damage(server.data, "DELETE FROM event WHERE sequence = 12") == [1]
    found = json.loads(run(binary, "verify", "--json", "--data", server.data, status=1))
    assert found["findings"][0] == "event 12 is missing"
    assert found["differences"] == len(found["findings"])

    before = history(server.data)
    planned = run(binary, "repair", "--dry-run", "--data", server.data, status=1)
    assert "nothing was written" in planned and history(server.data) == before
    report = json.loads(run(binary, "repair", "--json", "--actor", "ana", "--data", server.data))
    # The gap, the reservation whose release it was, and the pool.
    assert report["repaired"] == 3 and not report["dry_run"]
    assert history(server.data)[:len(before)] == before
    assert "as the log says" in run(binary, "verify", "--data", server.data)

    server = serve()
    with Cupo(server.address) as cupo:
        assert cupo.pools("seat") == {"seat": (1000, 10, 10)}
        repaired, _ = until_mark(follow(cupo, from_beginning=True, types=[Type.EVENT_TYPE_REPAIRED]))
        assert [e.actor for e in repaired] == ["ana"] * 3
        assert repaired[-1].balances[0].held == 10
        sell(cupo, "b", 5)
    server.stop()
    run(binary, "verify", "--data", server.data)


def test_the_command_line_shows_the_log(server, cupo, binary):
    cupo.put_single("seat", 3)
    reservation = cupo.reserve("a", line("seat", 2)).reservation
    target = ("--target", server.address)
    lines = run(binary, "events", "--from", "start", "--no-follow", *target).splitlines()
    assert [l.split()[2] for l in lines] == ["resource-changed", "product-changed", "reservation-held"]
    assert reservation.reservation_id in lines[-1] and "seat held +2 (held 2, sold 0)" in lines[-1]
    messages = [json.loads(l) for l in run(
        binary, "events", "--from", "start", "--no-follow", "--json", *target).splitlines()]
    assert messages[-1]["events"] == []
    cupo.release(reservation.reservation_id)
    resumed = run(
        binary, "events", "--resume", messages[-1]["resume_token"], "--no-follow", *target).splitlines()
    assert len(resumed) == 1 and "reservation-released" in resumed[0]
    run(binary, "events", "--resume", "AQID", "--no-follow", *target, status=2)
