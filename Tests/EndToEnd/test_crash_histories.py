"""The server is hit under load at random moments, and the whole history, crash and restart included, must be one that could
have happened one operation after another: for each pool, and for each reservation.

CUPO_CRASH_ROUNDS says how often, CUPO_SEED repeats the moments (not the timing of the machine).
"""
import os
import signal

import pytest

import deployments
from conftest import SECONDS_MAX
from cupo_client import Cupo
from history_load import Round
from pool_model import judge

ROUNDS = int(os.environ.get("CUPO_CRASH_ROUNDS", "10"))
CALLERS = 12


@pytest.fixture(params=["sqlite", "postgres"])
def deployment(request):
    return deployments.make(request.param, request)


def check_history(played):
    """How many operations there were."""
    for hold in played.holds.values():
        for pool in hold.lines:
            verdict = judge(played.of_reservation(hold, pool))
            assert verdict, f"reservation {hold.key} on {pool}:\n{verdict}"
    for pool, limit in played.limits.items():
        verdict = judge(played.of_pool(pool), limit)
        assert verdict, f"pool {pool} of {limit}:\n{verdict}"
    return len(played.history)


@pytest.mark.skipif(ROUNDS < 1, reason="CUPO_CRASH_ROUNDS is 0")
def test_every_history_is_linearizable(deployment, rng):
    address, total = deployment.start(), 0
    for number in range(1, ROUNDS + 1):
        # As long as one round may take, not all of them.
        signal.alarm(SECONDS_MAX)
        played = Round(f"r{number}", rng)
        with Cupo(address) as cupo:
            played.put_catalogue(cupo)
        if played.run(address, CALLERS, rng.uniform(0.1, 1.2), lambda: deployment.hit(rng)):
            deployment.check_at_rest()
            address = deployment.start()
        assert not played.anomalies, played.anomalies[:5]
        unanswered = sum(operation.answer is None for operation in played.history)
        with Cupo(address) as cupo:
            played.settle(cupo)
        count = check_history(played)
        total += count
        print(f"round {number}: {count} operations, {unanswered} without an answer")
        assert not played.anomalies, played.anomalies[:5]
    assert total > 50 * ROUNDS
    deployment.stop()
    deployment.check_at_rest()
