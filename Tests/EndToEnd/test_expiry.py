"""A hold is dead at its instant: not before, and not at the next sweep.

Server and client share this machine's clock.
"""
import concurrent.futures
import threading
import time

import grpc

from cupo_client import Cupo, Kind, Status, instant, line, refusal


def now():
    return time.time_ns() // 1_000


def test_sellable_at_its_instant_and_not_before(cupo):
    cupo.put_single("seat", 1)
    first = cupo.reserve("first", line("seat"), ttl=2).reservation
    expiry = instant(first.expires_at)
    assert expiry - instant(first.created_at) == 2_000_000
    time.sleep(max(0, (expiry - now()) / 1e6 - 0.3))
    early, attempt = 0, 0
    while True:
        attempt += 1
        sent = now()
        try:
            second = cupo.reserve(f"second-{attempt}", line("seat"), buyer="buyer-2").reservation
        except grpc.RpcError as error:
            found = refusal(error)
            assert found.reason == "HELD_BY_OTHERS"
            # Whoever asks after the instant must get it: the server decides later than we ask.
            assert sent < expiry, f"still held {sent - expiry} µs after the expiry"
            early += 1
        else:
            answered = now()
            break
    assert early > 0, "nobody asked before the expiry, so this shows nothing"
    assert answered >= expiry and instant(second.created_at) >= expiry
    assert cupo.get(first.reservation_id).state == 4
    assert refused(cupo.consume, first.reservation_id) == "RESERVATION_EXPIRED"
    assert cupo.pools("seat") == {"seat": (1, 1, 0)}


def refused(call, *arguments):
    try:
        call(*arguments)
    except grpc.RpcError as error:
        return refusal(error).reason
    return None


def test_readers_see_it_end_at_its_instant(cupo):
    cupo.put_single("seat", 1)
    reservation = cupo.reserve("k", line("seat"), ttl=1).reservation
    expiry = instant(reservation.expires_at)
    seen = {True: 0, False: 0}
    while now() < expiry + 100_000:
        answer = cupo.slots("seat")
        slot, dead = answer.slots[0], instant(answer.as_of) >= expiry
        seen[dead] += 1
        status = Status.AVAILABILITY_STATUS_AVAILABLE if dead else Status.AVAILABILITY_STATUS_HELD_ONLY
        expected = (1, 0, status) if dead else (0, 1, status)
        assert (slot.remaining, slot.held, slot.status) == expected, f"at {instant(answer.as_of) - expiry} µs"
        assert slot.HasField("next_hold_expiry") != dead
    assert seen[True] and seen[False]


def test_a_watcher_sees_it_go_and_come_back(cupo):
    cupo.put_single("seat", 1)
    watch = cupo.watch("seat", timeout=20)
    next(m for m in watch if m.kind == Kind.KIND_SNAPSHOT_END)
    deltas = []
    arrived = threading.Event()

    def read():
        for message in watch:
            if message.kind == Kind.KIND_DELTA:
                deltas.append((message, now()))
            if len(deltas) == 2:
                return arrived.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    expiry = instant(cupo.reserve("k", line("seat"), ttl=2).reservation.expires_at)
    # Nothing else is asked of the server: it must come by itself.
    assert arrived.wait(10), f"only {len(deltas)} deltas"
    watch.cancel()
    (gone, _), (back, arrival) = deltas
    assert [s.remaining for s in gone.slots] == [0] and [s.remaining for s in back.slots] == [1]
    assert back.slots[0].revision > gone.slots[0].revision
    assert expiry <= instant(back.as_of) and expiry <= arrival < expiry + 1_000_000


def test_two_hundred_holds_end_each_in_its_own_time(cupo, server, rng):
    """Other buyers wait for each; and each gets it, however many end together."""
    names = [f"seat-{n}" for n in range(200)]
    for name in names:
        cupo.put_single(name, 1)
    ttls = {name: rng.randrange(1_000, 2_000) / 1_000 for name in names}
    holds = {name: cupo.reserve(name, line(name), ttl=ttls[name]).reservation for name in names}

    def wait_and_take(mine):
        with Cupo(server.address) as other:
            for name in sorted(mine, key=lambda name: instant(holds[name].expires_at)):
                expiry = instant(holds[name].expires_at)
                time.sleep(max(0, (expiry - now()) / 1e6))
                taken = other.reserve(f"again-{name}", line(name), buyer="buyer-2").reservation
                assert instant(taken.created_at) >= expiry

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(wait_and_take, [names[n::8] for n in range(8)]))
    assert all(cupo.pools(name) == {name: (1, 1, 0)} for name in names)
