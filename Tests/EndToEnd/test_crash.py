"""kill -9 at random moments under load: what was acknowledged is there, and every counter adds up.

CUPO_CRASH_ROUNDS says how often, CUPO_SEED repeats the moments (not the timing of the machine).
"""
import asyncio
import os
import subprocess

import grpc
import pytest

import crash_load
from cupo_client import Cupo, Refusal, State
from stored_ledger import StoredLedger

ROUNDS = int(os.environ.get("CUPO_CRASH_ROUNDS", "20"))
CONNECTIONS, CALLERS = 4, 24
# Beside everything of the last round, so many keys of earlier ones are looked at again.
EARLIER = 300
OPEN = State.RESERVATION_STATE_HELD


def is_at_least(acknowledged, found):
    """Whether `found` can be what became of `acknowledged`: nothing is undone, and only a hold may have moved on."""
    if found.reservation_id != acknowledged.reservation_id or found.code != acknowledged.code:
        return False
    if found.version < acknowledged.version or found.created_at != acknowledged.created_at:
        return False
    if acknowledged.state != OPEN:
        return found == acknowledged
    return all(
        (now.product_id, now.slot, now.quantity) == (then.product_id, then.slot, then.quantity)
        and now.consumed >= then.consumed and now.released >= then.released and now.held <= then.held
        and now.held + now.consumed + now.released == now.quantity
        for then, now in zip(acknowledged.lines, found.lines, strict=True))


def check_replays(entries, answers):
    for entry, answer in zip(entries, answers, strict=True):
        key = entry.request.idempotency_key
        if entry.acknowledged is None:
            # Never answered: it may have been stored or not, and is now one of both for good.
            if isinstance(answer, Refusal):
                assert answer.code == grpc.StatusCode.RESOURCE_EXHAUSTED, f"{key}: {answer}"
            else:
                entry.acknowledged = answer.reservation
            continue
        assert not isinstance(answer, Refusal), f"{key} was acknowledged, and now: {answer}"
        assert answer.replayed, f"{key} was acknowledged and is held a second time"
        assert is_at_least(entry.acknowledged, answer.reservation), (
            f"{key} went back:\nacknowledged {entry.acknowledged}\nfound {answer.reservation}")
        entry.acknowledged = answer.reservation


def check_store(stored, entries):
    """What was acknowledged is in the file before anybody opens it again."""
    for entry in entries:
        if entry.acknowledged is None:
            continue
        key = entry.request.buyer_id, entry.request.idempotency_key
        found = stored.reservations[stored.keys[key]]
        assert found.version >= entry.acknowledged.version, f"{key} went back to version {found.version}"


def has_verify(binary):
    shown = subprocess.run([binary, "verify", "--help"], capture_output=True, text=True, timeout=20)
    return shown.returncode == 0 and "--data" in shown.stdout


def verify(binary, data):
    done = subprocess.run([binary, "verify", "--data", str(data)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(ROUNDS < 1, reason="CUPO_CRASH_ROUNDS is 0")
def test_kill_at_random_moments_under_load(serve, binary, tmp_path, rng):
    book = crash_load.Book(rng)
    verifies = has_verify(binary)
    server = serve()
    with Cupo(server.address) as cupo:
        book.put_catalogue(cupo)
    for number in range(ROUNDS):
        known = list(book.entries)
        asyncio.run(crash_load.run(
            book, server.address, CONNECTIONS, CALLERS, rng.uniform(0.05, 0.8), server.kill))
        fresh = [book.entries[key] for key in list(book.entries)[len(known):]]
        acknowledged = sum(entry.acknowledged is not None for entry in fresh)
        print(f"round {number + 1}: {len(fresh)} keys, {acknowledged} acknowledged")
        assert not book.anomalies, book.anomalies[:5]
        check_store(StoredLedger(tmp_path / "data/cupo.db").audit(), book.entries.values())
        if verifies:
            verify(binary, tmp_path / "data")
        server = serve()
        sample = fresh + [book.entries[key] for key in rng.sample(known, min(EARLIER, len(known)))]
        check_replays(sample, asyncio.run(crash_load.replay(sample, server.address)))
    assert any(entry.acknowledged for entry in book.entries.values())
    finish(book, server, tmp_path)


def finish(book, server, tmp_path):
    """Every key of every round once more, then the counters as the server tells them against the answers."""
    entries = list(book.entries.values())
    asyncio.run(asyncio.sleep(2.1))  # the longest of the short holds
    check_replays(entries, asyncio.run(crash_load.replay(entries, server.address)))
    asyncio.run(asyncio.sleep(2.1))  # and of those that the replay made
    answers = asyncio.run(crash_load.replay([e for e in entries if e.acknowledged], server.address))
    with Cupo(server.address) as cupo:
        for product in ("plenty", "scarce"):
            held = consumed = 0
            for line in (line for answer in answers for line in answer.reservation.lines):
                units = crash_load.PRODUCTS[line.product_id].get(product, 0)
                held, consumed = held + units * line.held, consumed + units * line.consumed
            assert cupo.pools(product)[product][1:] == (held, consumed)
    server.stop()
    StoredLedger(tmp_path / "data/cupo.db").audit()
