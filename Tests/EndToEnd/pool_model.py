"""What one pool does, one operation after another: SYSTEM's table of commands and states, without batches, caches or disks.

Actions: ("reserve", key, quantity), ("consume", key, amount), ("release", key, amount), amount None for all of it,
("expire", key), ("get", key), ("read",).
Answers: of the first three ("ok", held, consumed) of the reservation's line behind it, or ("no", reason); of a get the same;
of a read (held, consumed) of the pool. A reserve that was answered also says whether it was a replay.
"""
import dataclasses

from linearizability import GaveUp, check

# Why a reserve may find no room.
SCARCITY = {"SOLD_OUT", "INSUFFICIENT_CAPACITY", "HELD_BY_OTHERS"}


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A reservation's only line on this pool. `ended`: what its last act made of it once nothing is held."""

    held: int
    consumed: int = 0
    ended: str = ""

    @property
    def standing(self):
        if self.held:
            return "HELD"
        return "CONSUMED" if self.consumed else self.ended


class Pool:
    """A value: the lines of a pool by key, and what they add up to."""

    __slots__ = ("lines", "held", "consumed", "fingerprint")

    def __init__(self, lines=None, held=0, consumed=0, fingerprint=0):
        self.lines, self.held, self.consumed, self.fingerprint = lines or {}, held, consumed, fingerprint

    def put(self, key, line):
        old = self.lines.get(key)
        fingerprint = self.fingerprint ^ hash((key, line))
        if old:
            fingerprint ^= hash((key, old))
        return Pool(
            {**self.lines, key: line}, self.held + line.held - (old.held if old else 0),
            self.consumed + line.consumed - (old.consumed if old else 0), fingerprint)

    def __hash__(self):
        return self.fingerprint

    def __eq__(self, other):
        return self.fingerprint == other.fingerprint and self.lines == other.lines


class PoolModel:
    """`limit` None: what is refused for scarcity is not judged, as for a reservation by itself."""

    def __init__(self, limit=None):
        self.limit = limit

    def step(self, pool, operation):
        """The states that `operation` can lead to with the answer that it got."""
        kind = operation.action[0]
        if kind == "read":
            return [pool] if operation.answer == (pool.held, pool.consumed) else []
        key = operation.action[1]
        if kind == "expire":
            return [self._expired(pool, key)]
        answer, after = getattr(self, "_" + kind)(pool, *operation.action[1:])
        if operation.answer is None:
            # Mostly nothing came of it: tried first, or many that nobody answered take all orders of what they might have done.
            return [pool] if after is pool else [pool, after]
        if kind == "reserve" and self.limit is None and operation.answer[0] == "no":
            return [pool] if key not in pool.lines else []
        return [after] if answer == operation.answer else []

    def _reserve(self, pool, key, quantity):
        line = pool.lines.get(key)
        if line:
            return ("ok", line.held, line.consumed, "replayed"), pool
        if self.limit is not None and pool.held + pool.consumed + quantity > self.limit:
            return ("no", "SCARCE"), pool
        return ("ok", quantity, 0, "new"), pool.put(key, Line(quantity))

    def _consume(self, pool, key, amount):
        line = pool.lines.get(key)
        if line is None:
            return ("no", "RESERVATION_NOT_FOUND"), pool
        if line.standing == "CONSUMED":
            if amount is not None:
                return ("no", "EXCEEDS_HELD_QUANTITY"), pool
            return ("ok", 0, line.consumed), pool
        if line.standing != "HELD":
            return ("no", {"RELEASED": "ALREADY_RELEASED", "EXPIRED": "RESERVATION_EXPIRED"}[line.standing]), pool
        taken = line.held if amount is None else amount
        if taken > line.held:
            return ("no", "EXCEEDS_HELD_QUANTITY"), pool
        after = Line(line.held - taken, line.consumed + taken, "CONSUMED")
        return ("ok", after.held, after.consumed), pool.put(key, after)

    def _release(self, pool, key, amount):
        line = pool.lines.get(key)
        if line is None:
            return ("no", "RESERVATION_NOT_FOUND"), pool
        if line.standing == "CONSUMED":
            return ("no", "ALREADY_CONSUMED"), pool
        if line.standing != "HELD":
            return ("ok", 0, 0), pool
        after = Line(0, line.consumed, "RELEASED")
        return ("ok", 0, after.consumed), pool.put(key, after)

    def _get(self, pool, key):
        line = pool.lines.get(key)
        if line is None:
            return ("no", "RESERVATION_NOT_FOUND"), pool
        return ("ok", line.held, line.consumed), pool

    @staticmethod
    def _expired(pool, key):
        line = pool.lines.get(key)
        if line is None or not line.held:
            return pool
        return pool.put(key, Line(0, line.consumed, "EXPIRED"))


def judge(operations, limit=None):
    """The checker's verdict on a history of one pool.

    First as if nothing had come of what nobody answered, but for reservations that were found later. Mostly that is so, and where it is not, all
    that can have happened is tried: a dozen without an answer have a great many orders.
    """
    found = {o.action[1] for o in operations if _finds(o)}
    likely = [o for o in operations if o.answer is not None or (o.action[0] == "reserve" and o.action[1] in found)]
    step = PoolModel(limit).step
    try:
        verdict = check(likely, Pool(), step)
    except GaveUp:
        verdict = None
    return verdict or check(operations, Pool(), step)


def _finds(operation):
    """Whether its answer says that the reservation is there."""
    if operation.answer is None or operation.action[0] in ("read", "expire"):
        return False
    if operation.action[0] == "reserve":
        return operation.answer[-1] == "replayed"
    return operation.answer != ("no", "RESERVATION_NOT_FOUND")
