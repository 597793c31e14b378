"""The checker against histories whose verdict is known: by hand, by construction, and by trying every order."""
import itertools

import pytest

from linearizability import GaveUp, Operation, check
from pool_model import Pool, PoolModel, judge


def history(*rows):
    """Rows of (began, ended, action, answer)."""
    return [Operation(action, answer, began, ended) for began, ended, action, answer in rows]


def is_fine(operations, limit=3):
    return bool(judge(operations, limit))


NEW, SCARCE = ("ok", 2, 0, "new"), ("no", "SCARCE")
A2, B2 = ("reserve", "a", 2), ("reserve", "b", 2)

FINE = {
    "nothing": history(),
    "one after the other": history((0, 1, A2, NEW), (2, 3, ("read",), (2, 0)), (4, 5, B2, SCARCE)),
    "at the same time, in either order": history((0, 9, A2, SCARCE), (1, 8, B2, NEW)),
    "a read beside a write sees it": history((0, 9, A2, NEW), (1, 2, ("read",), (2, 0))),
    "a read beside a write does not see it": history((0, 9, A2, NEW), (1, 2, ("read",), (0, 0))),
    "no answer, and it happened": history((0, 5, A2, None), (6, 7, ("read",), (2, 0))),
    "no answer, and it did not happen": history((0, 5, A2, None), (6, 7, ("read",), (0, 0))),
    "no answer, and the key again": history((0, 5, A2, None), (6, 7, A2, ("ok", 2, 0, "replayed"))),
    "no answer, and the key anew": history((0, 5, A2, None), (6, 7, A2, NEW)),
    "room behind an expiry": history((0, 1, A2, NEW), (5, 5, ("expire", "a"), ()), (6, 7, B2, NEW)),
    "parts": history(
        (0, 1, A2, NEW), (2, 9, ("consume", "a", 1), ("ok", 1, 1)), (2, 9, ("consume", "a", 1), ("ok", 0, 2)),
        (10, 11, ("read",), (0, 2))),
    "a consume that lost against an expiry": history(
        (0, 1, A2, NEW), (4, 6, ("consume", "a", None), ("no", "RESERVATION_EXPIRED")), (5, 5, ("expire", "a"), ())),
}

VIOLATIONS = {
    "oversold": history((0, 1, A2, NEW), (2, 3, B2, NEW)),
    "oversold at the same time": history((0, 9, A2, NEW), (0, 9, B2, NEW)),
    "refused though there is room": history((0, 1, A2, SCARCE)),
    "an acknowledged write is lost": history((0, 1, A2, NEW), (2, 3, A2, NEW)),
    "a stale read": history((0, 1, A2, NEW), (2, 3, ("read",), (0, 0))),
    "reads go back": history(
        (0, 9, A2, NEW), (1, 2, ("read",), (2, 0)), (3, 4, ("read",), (0, 0))),
    "two reads disagree about an unanswered write": history(
        (0, 5, A2, None), (6, 7, ("read",), (2, 0)), (8, 9, ("read",), (0, 0))),
    "an unanswered write happens after the crash": history(
        (0, 5, A2, None), (6, 7, ("read",), (0, 0)), (8, 9, ("read",), (2, 0))),
    "released twice": history(
        (0, 1, A2, NEW), (2, 3, ("release", "a", None), ("ok", 0, 0)), (4, 5, ("read",), (-2, 0))),
    "a release is resurrected": history(
        (0, 1, A2, NEW), (2, 3, ("release", "a", None), ("ok", 0, 0)), (4, 5, ("get", "a"), ("ok", 2, 0))),
    "consumed and released": history(
        (0, 1, A2, NEW), (2, 9, ("consume", "a", None), ("ok", 0, 2)), (2, 9, ("release", "a", None), ("ok", 0, 0))),
    "a half is consumed by two": history(
        (0, 1, A2, NEW), (2, 9, ("consume", "a", 1), ("ok", 1, 1)), (2, 9, ("consume", "a", 1), ("ok", 1, 1))),
    "freed too early": history((0, 1, A2, NEW), (2, 3, B2, NEW), (5, 5, ("expire", "a"), ())),
    "freed too late": history((0, 1, A2, NEW), (5, 5, ("expire", "a"), ()), (6, 7, ("read",), (2, 0))),
    "consumed after its end": history(
        (0, 1, A2, NEW), (5, 5, ("expire", "a"), ()), (6, 7, ("consume", "a", None), ("ok", 0, 2))),
    "a replay of what never was": history((0, 1, A2, ("ok", 2, 0, "replayed"))),
}


@pytest.mark.parametrize("name", FINE)
def test_what_can_have_happened_is_accepted(name):
    assert is_fine(FINE[name])


@pytest.mark.parametrize("name", VIOLATIONS)
def test_what_cannot_have_happened_is_found(name):
    verdict = judge(VIOLATIONS[name], 3)
    assert not verdict
    assert verdict.stuck and "none of these" in str(verdict)


def generated(rng, count, width):
    """A history that happened: operations take effect at instants in a row, and are called before and answered after."""
    model, pool, operations = PoolModel(rng.randint(1, 12)), Pool(), []
    for moment in range(1, count + 1):
        key = f"k{rng.randint(0, count // 3 + 1)}"
        action = rng.choice([
            ("reserve", key, rng.randint(1, 3)), ("reserve", key, rng.randint(1, 3)), ("consume", key, None),
            ("consume", key, 1), ("release", key, None), ("get", key), ("read",), ("expire", key)])
        if action[0] == "reserve" and key in pool.lines:
            action = ("get", key)
        began, ended = moment - rng.uniform(0, width), moment + rng.uniform(0, width)
        if action[0] == "expire":
            pool = model._expired(pool, key)
            operations.append(Operation(action, (), moment, moment))
            continue
        if action[0] == "read":
            answer, after = (pool.held, pool.consumed), pool
        else:
            answer, after = getattr(model, "_" + action[0])(pool, *action[1:])
        if rng.random() < 0.1:
            # Nobody was told. It happened or it did not.
            if action[0] in ("get", "read"):
                continue
            operations.append(Operation(action, None, began, ended))
            pool = rng.choice([pool, after])
            continue
        operations.append(Operation(action, answer, began, ended))
        pool = after
    rng.shuffle(operations)
    return model, operations


@pytest.mark.parametrize("width", [0.1, 2, 6])
def test_what_happened_is_accepted(rng, width):
    for _ in range(60):
        model, operations = generated(rng, 60, width)
        verdict = judge(operations, model.limit)
        assert verdict, str(verdict)


def by_brute_force(model, operations):
    for order in itertools.permutations(operations):
        if any(later.ended < earlier.began for earlier, later in itertools.combinations(order, 2)):
            continue
        states = [Pool()]
        for operation in order:
            states = [after for state in states for after in model.step(state, operation)]
        if states:
            return True
    return False


def altered(rng, operations):
    """The same history with one answer of another kind."""
    index = rng.randrange(len(operations))
    old = operations[index]
    if old.action[0] == "expire" or old.answer is None:
        return None
    if old.action[0] == "read":
        answer = (old.answer[0] + rng.choice([-1, 1, 2]), old.answer[1])
    elif old.answer[0] == "ok":
        answer = ("ok", old.answer[1] + rng.choice([-1, 1]), *old.answer[2:])
    else:
        answer = ("no", rng.choice(["SCARCE", "ALREADY_RELEASED", "RESERVATION_EXPIRED"]))
    changed = Operation(old.action, answer, old.began, old.ended)
    return [*operations[:index], changed, *operations[index + 1:]]


def test_it_says_what_every_order_says(rng):
    """Small histories, as they happened and with a wrong answer: the search and all permutations agree."""
    found = {True: 0, False: 0}
    for _ in range(400):
        model, operations = generated(rng, rng.randint(2, 6), rng.choice([0.2, 2, 5]))
        for candidate in (operations, altered(rng, operations) if operations else None):
            if candidate:
                expected = by_brute_force(model, candidate)
                assert bool(judge(candidate, model.limit)) == expected, "\n".join(map(str, candidate))
                found[expected] += 1
    assert found[True] > 300 and found[False] > 100, found


def test_it_gives_up_rather_than_never_end():
    operations = history(*((0, 9, ("reserve", f"k{n}", 1), None) for n in range(14)), (10, 11, ("read",), (99, 0)))
    with pytest.raises(GaveUp):
        check(operations, Pool(), PoolModel(100).step, tries_max=1_000)


def crashed():
    """A dozen were open when the server died, and a reservation that nobody was told of is there afterwards. All others ran out meanwhile."""
    made = [(0, 1, ("reserve", f"k{n}", 2), NEW) for n in range(12)]
    open_then = [(2, 5, (("consume", "release")[n % 2], f"k{n}", None), None) for n in range(12)]
    ran_out = [(6, 6, ("expire", f"k{n}"), ()) for n in range(12)]
    return history(
        *made, (2, 5, A2, None), *open_then, *ran_out, (7, 8, A2, ("ok", 2, 0, "replayed")),
        *((9, 10, ("get", f"k{n}"), ("ok", 0, 0)) for n in range(12)), (11, 12, ("read",), (2, 0)))


def test_a_crowd_without_an_answer_is_judged_at_once():
    with pytest.raises(GaveUp):
        check(crashed(), Pool(), PoolModel(100).step, tries_max=100_000)
    assert judge(crashed(), 100)
