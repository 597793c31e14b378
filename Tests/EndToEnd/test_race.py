"""64 connections, 10,000 requests, 100 units: the last cupo is never sold twice."""
import collections
import json
import pathlib
import subprocess
import sys
import time

from stored_ledger import StoredLedger

PROCESSES = 4
CONNECTIONS = 64
REQUESTS = 10_000
CLEAN = {"HELD_BY_OTHERS", "INSUFFICIENT_CAPACITY"}


def race(address, requests):
    """Sends `requests` over 64 connections; answers the held ones as (lines, reservation id), and counts by reason."""
    shares = [requests[n::PROCESSES] for n in range(PROCESSES)]
    workers = [subprocess.Popen(
        [sys.executable, pathlib.Path(__file__).with_name("race_worker.py")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in shares]
    try:
        for worker, share in zip(workers, shares):
            job = {"address": address, "connections": CONNECTIONS // PROCESSES, "inFlight": 4, "requests": share}
            worker.stdin.write(json.dumps(job) + "\n")
            worker.stdin.flush()
        for worker in workers:
            assert (said := worker.stderr.readline()) == "connected\n", said + worker.stderr.read()
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        reports = []
        for worker in workers:
            output, errors = worker.communicate(timeout=120)
            assert worker.returncode == 0, errors
            reports.append(json.loads(output))
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.kill()
                worker.wait()
    assert all(report["connections"] >= CONNECTIONS for report in reports), [r["connections"] for r in reports]
    held = [(share[i][1], name) for share, r in zip(shares, reports) for i, name in r["held"]]
    refused = sum((collections.Counter(report["refused"]) for report in reports), collections.Counter())
    assert len(held) + refused.total() == len(requests)
    assert set(refused) <= CLEAN, refused
    assert len({name for _, name in held}) == len(held), "one reservation was given to two"
    return held, refused


def taken(held, draws):
    """Units by resource, recomputed from what was acknowledged."""
    sums = collections.Counter()
    for lines, _ in held:
        for product, _, quantity in lines:
            for resource, units in draws[product].items():
                sums[resource] += units * quantity
    return sums


def stop_and_audit(server, data, held, sums):
    server.stop()
    stored = StoredLedger(data / "cupo.db").audit()
    assert len(stored.reservations) == len(held)
    counters = {pool[0]: count for pool, (count, _) in stored.pools.items() if count}
    assert counters == dict(sums)


def test_exactly_a_hundred_of_ten_thousand(serve, tmp_path):
    import cupo_client

    server = serve()
    with cupo_client.Cupo(server.address) as cupo:
        cupo.put_single("seat", 100)
        held, refused = race(server.address, [[f"r{n}", [["seat", "", 1]]] for n in range(REQUESTS)])
        print(f"held {len(held)}, refused {dict(refused)}")
        assert len(held) == 100
        slot = cupo.slot("seat")
        assert (slot.remaining, slot.held, slot.consumed) == (0, 100, 0)
        assert cupo.pools("seat") == {"seat": (100, 100, 0)}
        for _, reservation_id in held[:20]:
            cupo.consume(reservation_id)
        for _, reservation_id in held[20:30]:
            cupo.release(reservation_id)
        assert cupo.pools("seat") == {"seat": (100, 70, 20)}
    server.stop()
    assert StoredLedger(tmp_path / "data/cupo.db").audit().pools[("seat", 0)] == (70, 20)


def test_hybrid_products_whose_draws_overlap(serve, tmp_path, rng):
    import cupo_client

    draws = {
        "single": {"boat": 1, "kit": 1},
        "family": {"boat": 4, "guide": 1},
        "crew": {"boat": 3, "guide": 2, "kit": 5},
    }
    server = serve()
    with cupo_client.Cupo(server.address) as cupo:
        cupo.put_slots("boat", 100)
        cupo.put_daily("guide", 12)
        cupo.put_stock("kit", 70)
        for product, units in draws.items():
            cupo.put_product(product, units)
        date = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 5 * 86_400))
        slot = cupo.slots("single", from_date=date).slots[9].slot

        def lines():
            count = rng.choice([1, 1, 1, 2, 3])
            return [[rng.choice(list(draws)), slot, rng.choice([1, 1, 1, 2, 3])] for _ in range(count)]

        held, refused = race(server.address, [[f"r{n}", lines()] for n in range(REQUESTS)])
        print(f"held {len(held)}, refused {dict(refused)}")
        sums = taken(held, draws)
        limits = {"boat": 100, "guide": 12, "kit": 70}
        assert all(sums[resource] <= limit for resource, limit in limits.items()), sums
        for product, units in draws.items():
            pools = cupo.pools(product, slot)
            assert pools == {r: (limits[r], sums[r], 0) for r in units}
            fit = min((limits[r] - sums[r]) // u for r, u in units.items())
            assert fit == 0, f"{product} could still be sold, although it was asked for until the end"
            assert cupo.slot(product, slot).remaining == fit
    stop_and_audit(server, tmp_path / "data", held, sums)
