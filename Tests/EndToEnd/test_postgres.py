"""Three nodes on one PostgreSQL: the last cupo is sold once, whatever dies meanwhile, and all of them end up knowing the same."""
import collections
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

import pytest

from cupo_client import Cupo
from test_watch import Watcher, truth

CONNECTIONS = 32
POOLS = 1_000
POOL_UNITS = 10
SEATS = 100
CLEAN = {"HELD_BY_OTHERS", "INSUFFICIENT_CAPACITY", "SOLD_OUT"}
PRODUCTS = ("seat", "tour")


class Race:
    """Workers, one for each node, and how far they are."""

    def __init__(self, addresses, requests):
        self.shares = [requests[n::len(addresses)] for n in range(len(addresses))]
        self.answered = [0] * len(addresses)
        self.workers, self.errors = [], []
        for n, share in enumerate(self.shares):
            worker = subprocess.Popen(
                [sys.executable, pathlib.Path(__file__).with_name("postgres_worker.py")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            job = {"addresses": addresses[n:] + addresses[:n], "connections": CONNECTIONS, "requests": share}
            worker.stdin.write(json.dumps(job) + "\n")
            worker.stdin.flush()
            threading.Thread(target=self.count, args=(n, worker), daemon=True).start()
            self.workers.append(worker)

    def count(self, n, worker):
        for said in worker.stderr:
            if said.strip().isdigit():
                self.answered[n] = int(said)
            else:
                self.errors.append(said)

    def reaches(self, share, seconds=100):
        end = time.monotonic() + seconds
        while sum(self.answered) < share * sum(map(len, self.shares)):
            assert all(worker.poll() in (None, 0) for worker in self.workers), self.errors
            assert time.monotonic() < end, (self.answered, self.errors)
            time.sleep(0.02)

    def reports(self):
        for worker in self.workers:
            output = worker.stdout.read()
            assert worker.wait(100) == 0, self.errors
            yield json.loads(output)

    def kill(self):
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()


def race_while_things_die(nodes, serve_again, postgres, requests):
    race = Race([node.address for node in nodes], requests)
    try:
        race.reaches(0.2)
        nodes[2].kill()
        race.reaches(0.4)
        postgres.crash()
        time.sleep(0.5)
        postgres.start()
        race.reaches(0.6)
        serve_again()
        reports = list(race.reports())
    finally:
        race.kill()
    held = [(share[index], name) for share, r in zip(race.shares, reports) for index, name in r["held"]]
    refused = sum((collections.Counter(report["refused"]) for report in reports), collections.Counter())
    assert set(refused) <= CLEAN, refused
    assert len(held) + refused.total() == len(requests)
    assert len({name for _, name in held}) == len(held), "one reservation was given to two"
    print(f"held {len(held)}, refused {dict(refused)}, uncertain {[r['uncertain'] for r in reports]}")
    return held


@pytest.mark.parametrize("lanes", [1, 3])
def test_three_nodes_sell_the_last_unit_once(serve, binary, postgres, tmp_path, rng, lanes):
    def node(number, listen="127.0.0.1:0"):
        return serve(data=tmp_path / f"node{number}", storage=postgres.address, listen=listen)

    nodes = [node(number) for number in range(3)]
    assert all(n.storage == postgres.address for n in nodes)
    subprocess.run(
        [binary, "migrate", "--storage", postgres.address, "--lanes", str(lanes)], check=True, stdout=subprocess.DEVNULL, timeout=60)
    with Cupo(nodes[0].address) as cupo:
        # Of another lane than the rest, where there are several.
        cupo.put_single("seat", SEATS, seller="seller-3")
        cupo.put_slots("boat", POOL_UNITS)
        cupo.put_product("tour", {"boat": 1})
        tomorrow = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86_400))
        last = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 44 * 86_400))
        slots = [s.slot for s in cupo.slots("tour", from_date=tomorrow, to_date=last).slots][:POOLS]
    assert len(slots) == POOLS
    requests = [[f"s{n}", "seat", ""] for n in range(1_000)]
    requests += [[f"t{n}", "tour", slot] for n, slot in enumerate(slots * (POOL_UNITS + 1))]
    rng.shuffle(requests)

    addresses = [n.address for n in nodes]
    watchers = [Watcher(lambda a=a: a, rng.getrandbits(32), 1_000_000, 0, PRODUCTS) for a in addresses]
    for watcher in watchers:
        watcher.start()

    def serve_again():
        nodes[2] = node(2, listen=addresses[2])

    held = race_while_things_die(nodes, serve_again, postgres, requests)
    sold = collections.Counter((product, slot) for (_, product, slot), _ in held)
    assert sold.pop(("seat", "")) == SEATS
    assert sold == {("tour", slot): POOL_UNITS for slot in slots}
    everybody_knows(addresses, watchers)
    for address in addresses:
        with Cupo(address) as cupo:
            assert cupo.pools("seat") == {"seat": (SEATS, SEATS, 0)}
            for _, name in rng.sample(held, 50):
                assert cupo.get(name).reservation_id == name
    verified = subprocess.run(
        [binary, "verify", "--storage", postgres.address], capture_output=True, text=True, timeout=100)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    for n in nodes:
        n.stop()


def everybody_knows(addresses, watchers):
    deadline = time.monotonic() + 30
    while any(watcher.is_alive() for watcher in watchers):
        assert time.monotonic() < deadline, [len(w.known) for w in watchers]
        with Cupo(addresses[0]) as cupo:
            goal = truth(cupo, PRODUCTS)
        for watcher in watchers:
            watcher.goal = goal
            watcher.join(0.5)
    assert [w.failure for w in watchers] == [None] * len(watchers)
    assert watchers[0].known == watchers[1].known == watchers[2].known


def test_what_one_node_says_of_a_database_that_is_away(serve, postgres, tmp_path):
    import grpc

    from cupo_client import instant, refusal

    # A password in the address is for nobody's eyes, though this server asks for none.
    address = postgres.address.replace("cupo@", "cupo:s3cr3t@")
    node = serve(data=tmp_path / "node", storage=address)
    assert node.storage == postgres.address
    with Cupo(node.address) as cupo:
        cupo.put_single("seat", 5)
        cupo.reserve("a", [seat()])
        before = instant(cupo.slots("seat").as_of)
        postgres.crash()
        try:
            for _ in range(3):
                with pytest.raises(grpc.RpcError) as caught:
                    cupo.reserve("b", [seat()])
                found = refusal(caught.value)
                assert (found.code, found.reason) == (grpc.StatusCode.UNAVAILABLE, "STORAGE_UNAVAILABLE")
                assert found.retry is not None
            # Readers are told what was known, and when.
            answer = cupo.slots("seat")
            assert answer.slots[0].remaining == 4
            assert before <= instant(answer.as_of) <= time.time() * 1e6
        finally:
            postgres.start()
        end = time.monotonic() + 30
        while True:
            try:
                cupo.reserve("b", [seat()])
                break
            except grpc.RpcError:
                assert time.monotonic() < end
                time.sleep(0.05)
        assert cupo.pools("seat") == {"seat": (5, 2, 0)}
    node.stop()
    said = "\n".join(node.lines + node.error_lines)
    assert said.count("P2") == 1, said
    assert "s3cr3t" not in said


def until_it_answers(call, seconds=30):
    import grpc

    end = time.monotonic() + seconds
    while True:
        try:
            return call()
        except grpc.RpcError as error:
            assert error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED), error
            assert time.monotonic() < end
            time.sleep(0.05)


def test_commits_that_a_failover_lost_are_noticed(serve, binary, postgres, tmp_path):
    import grpc
    from cupo.capacity.v1 import event_pb2

    from cupo_client import refusal
    from test_backup import read_log

    nodes = [serve(data=tmp_path / f"node{number}", storage=postgres.address) for number in range(2)]
    with Cupo(nodes[0].address) as one, Cupo(nodes[1].address) as two:
        one.put_single("seat", 100)
        kept = [one.reserve(f"kept-{n}", [seat()], ttl=3_600).reservation for n in range(5)]
        postgres.crash()
        postgres.copy()
        postgres.start()
        lost = [until_it_answers(lambda n=n: one.reserve(f"lost-{n}", [seat()], ttl=3_600)).reservation for n in range(3)]
        _, token = read_log(one)
        postgres.crash()
        postgres.go_back()
        postgres.start()
        # The other node may have heard of what is lost or not; either way the same numbers are not given out again.
        new = [until_it_answers(lambda n=n: two.reserve(f"new-{n}", [seat()], ttl=3_600)).reservation for n in range(4)]
        new += [until_it_answers(lambda: one.reserve("lost-1", [seat()], ttl=3_600)).reservation]
        # Readers may be told what was true 50 ms ago.
        time.sleep(0.1)
        for cupo in (one, two):
            assert cupo.pools("seat") == {"seat": (100, 10, 0)}
            assert [cupo.get(r.reservation_id).code for r in kept + new] == [r.code for r in kept + new]
        for gone in lost:
            found = None
            try:
                found = one.get(gone.reservation_id)
            except grpc.RpcError as error:
                assert refusal(error).reason == "RESERVATION_NOT_FOUND"
            # What a node decided before anybody could know is the database's to say.
            assert found is None or found.reservation_id in {r.reservation_id for r in new}
        behind, _ = until_it_answers(lambda: read_log(one, token))
        assert event_pb2.EVENT_TYPE_REPAIRED in {event.type for event in behind}
    for node in nodes:
        node.stop()
    said = "\n".join(nodes[0].error_lines + nodes[1].error_lines)
    assert said.count("lost commits") == 1, said
    verified = subprocess.run(
        [binary, "verify", "--storage", postgres.address], capture_output=True, text=True, timeout=100)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def seat():
    from cupo_client import line

    return line("seat")


def test_a_machine_without_libpq_is_told_and_serves_a_file(serve, binary, tmp_path, monkeypatch):
    def refusal():
        address = "postgresql://127.0.0.1:1/nothing"
        done = subprocess.run(
            [binary, "serve", "--listen", "127.0.0.1:0", "--data", str(tmp_path / "none"), "--storage", address],
            capture_output=True, text=True, timeout=30)
        assert done.returncode > 0 and done.stdout == "" and address in done.stderr
        assert len(done.stderr.strip().splitlines()) <= 3 and "Fatal" not in done.stderr, done.stderr
        return done.stderr

    assert "libpq" not in refusal()
    # Found before the one that is there, and nothing that can be loaded.
    library = tmp_path / "libpq.so.5"
    library.write_text("no library")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    said = refusal()
    assert "libpq5" in said and str(library) in said, said
    server = serve()
    with Cupo(server.address) as cupo:
        assert cupo.still_answers()
    server.stop()
