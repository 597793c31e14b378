"""Load whose whole history is written down: what was asked for, what was answered, and when.

Callers meet on the same reservations and pools on purpose. The one thing to know before changing it: an operation without an
answer is written down too, for it may have happened.
"""
import bisect
import collections
import itertools
import random
import threading
import time

import grpc

import cupo_client
from cupo_client import Cupo, line, reservation
from linearizability import Operation
from pool_model import SCARCITY

POOLS = 6
# Refusals that the model knows of a reservation.
KNOWN = {"ALREADY_CONSUMED", "ALREADY_RELEASED", "RESERVATION_EXPIRED", "EXCEEDS_HELD_QUANTITY", "RESERVATION_NOT_FOUND"}
# What says that an operation may have happened or not.
UNANSWERED = {
    grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNKNOWN}


class Hold:
    """A key: the pools and quantities of its lines, and its id once somebody was told."""

    def __init__(self, key, lines, ttl):
        self.key, self.lines, self.ttl = key, lines, ttl
        self.id = self.expires_at = None
        # The last time that somebody asked for it and it was not there before.
        self.absent_at = 0.0


class Round:
    """Pools of its own, so that its history is whole."""

    def __init__(self, name, rng):
        self.name, self.rng = name, rng
        self.limits = {f"{name}-{n}": rng.randint(6, 40) for n in range(POOLS)}
        self.holds = {}
        self.history = []
        self.anomalies = []
        self.number = itertools.count()
        self.lock = threading.Lock()
        self.is_over = False

    def put_catalogue(self, cupo):
        for pool, limit in self.limits.items():
            cupo.put_single(pool, limit, seller=f"seller-of-{pool}")

    # Calling

    def run(self, address, callers, seconds, hit):
        """Calls until `hit`, after so many seconds; returns whether the server is gone, when every call has ended."""
        threads = [threading.Thread(target=self._caller, args=(address, self.rng.getrandbits(48))) for _ in range(callers)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        is_gone = hit()
        struck = time.time()
        if not is_gone:
            time.sleep(0.3)
        self.is_over = True
        for thread in threads:
            thread.join()
        for operation in self.history:
            # What a dead server has not done by then it has not done.
            if is_gone and operation.answer is None:
                operation.ended, operation.is_settled = min(operation.ended, struck), True
        return is_gone

    def _caller(self, address, seed):
        rng = random.Random(seed)
        with Cupo(address) as cupo:
            grpc.channel_ready_future(getattr(cupo, "connection", cupo.channel)).result(10)
            while not self.is_over:
                if not self._act(cupo, rng):
                    if self.is_over:
                        return
                    time.sleep(0.02)

    def _act(self, cupo, rng):
        known = [hold for hold in list(self.holds.values())[-60:] if hold.id]
        kind = rng.choices(
            ["reserve", "consume", "part", "release", "get", "read"], [40, 12, 12, 12, 10, 14])[0]
        if kind == "read":
            return self.read(cupo, rng.choice(list(self.limits)))
        if kind == "reserve" or not known:
            return self.reserve(cupo, self._new_hold(rng))
        hold = rng.choice(known)
        if kind == "part" and len(hold.lines) == 1:
            return self.resolve(cupo, hold, "consume", rng.randint(1, 2))
        return self.get(cupo, hold) if kind == "get" else self.resolve(
            cupo, hold, "consume" if kind == "part" else kind, None)

    def _new_hold(self, rng):
        pools = rng.sample(list(self.limits), rng.choice([1, 1, 1, 1, 2]))
        ttl = rng.choice([1, 1.5, 60, 3_600])
        with self.lock:
            key = f"{self.name}-{next(self.number):05}"
            hold = self.holds[key] = Hold(key, {pool: rng.randint(1, 3) for pool in pools}, ttl)
        return hold

    # Operations; each answers whether the server did.

    def reserve(self, cupo, hold):
        lines = [line(pool, quantity) for pool, quantity in hold.lines.items()]
        began = time.time()
        try:
            answer = cupo.reserve(hold.key, lines, buyer=f"buyer-{hold.key}", ttl=hold.ttl, timeout=20)
        except grpc.RpcError as error:
            reason = self._reason(error, SCARCITY)
            if reason is None:
                self._note(hold, "reserve", began, None)
                return False
            hold.absent_at = max(hold.absent_at, began)
            # Which of several pools was short is not said to be this one.
            if reason and len(hold.lines) == 1:
                self._note(hold, "reserve", began, ("no", "SCARCE"))
            return True
        hold.expires_at = cupo_client.instant(answer.reservation.expires_at) / 1e6
        if not answer.replayed:
            hold.absent_at = max(hold.absent_at, began)
        self._note(hold, "reserve", began, self._amounts(answer.reservation, "replayed" if answer.replayed else "new"))
        hold.id = answer.reservation.reservation_id
        return True

    def resolve(self, cupo, hold, kind, amount):
        request = dict(reservation_id=hold.id)
        if amount is not None:
            request |= dict(amounts=[reservation.LineAmount(line=0, quantity=amount)], request_id=f"r{next(self.number)}")
        method = cupo.consume if kind == "consume" else cupo.release
        return self._on_hold(hold, kind, lambda: method(timeout=20, **request).reservation, amount)

    def get(self, cupo, hold):
        return self._on_hold(hold, "get", lambda: cupo.get(hold.id, timeout=20))

    def _on_hold(self, hold, kind, call, *arguments):
        began = time.time()
        try:
            found = call()
        except grpc.RpcError as error:
            reason = self._reason(error, KNOWN)
            if reason is None and kind != "get":
                self._note(hold, kind, began, None, *arguments)
            elif reason:
                self._note(hold, kind, began, ("no", reason), *arguments)
            return reason is not None
        self._note(hold, kind, began, self._amounts(found), *arguments)
        return True

    def read(self, cupo, pool):
        began = time.time()
        try:
            found = cupo.slots(pool)
        except grpc.RpcError as error:
            return self._reason(error, set()) is not None
        held, consumed = found.slots[0].pools[0].held, found.slots[0].pools[0].consumed
        ended = time.time()
        # While a database is away it is from before the call, and says so.
        if (as_of := cupo_client.instant(found.as_of) / 1e6) < began:
            began = ended = as_of
        self.history.append(Operation(("read", pool), (held, consumed), began, ended, threading.get_native_id()))
        return True

    # None: no answer. Empty: something that must not be.
    def _reason(self, error, known):
        found = cupo_client.refusal(error)
        if found.reason in known:
            return found.reason
        if found.code in UNANSWERED:
            return None
        self.anomalies.append(f"{found.code.name} {found.reason}: {found.message}")
        return ""

    @staticmethod
    def _amounts(found, *more):
        return {each.product_id: ("ok", each.held, each.consumed, *more) for each in found.lines}

    def _note(self, hold, kind, began, answer, *arguments):
        ended = time.time()
        who = threading.get_native_id()
        for pool, quantity in hold.lines.items():
            action = (kind, pool, hold.key, *([quantity] if kind == "reserve" else arguments))
            own = answer[pool] if isinstance(answer, dict) else answer
            self.history.append(Operation(action, own, began, ended, who))

    # Afterwards

    def settle(self, cupo):
        """Makes what nobody was told known, and looks at everything once more."""
        for hold in self.holds.values():
            if hold.id is None:
                self._surely(lambda: self.reserve(cupo, hold))
        for hold in self.holds.values():
            if hold.id:
                self._surely(lambda: self.get(cupo, hold))
        for pool in self.limits:
            self._surely(lambda: self.read(cupo, pool))
        self._end_unanswered()

    # A server whose database was away finds it again by itself.
    @staticmethod
    def _surely(call):
        end = time.monotonic() + 60
        while not call():
            assert time.monotonic() < end, "the server does not answer any more"
            time.sleep(0.1)

    def _end_unanswered(self):
        """What nobody was told of may have happened until the server decided something that was asked for later. What can be
        seen not to have happened is left out: a reserve whose key was not there afterwards, and what left a line as it was,
        which only ever holds less and has consumed more."""
        decided = sorted(
            (o for o in self.history if o.answer is not None and o.action[0] in ("reserve", "consume", "release")),
            key=lambda o: o.began)
        seen = collections.defaultdict(list)
        for operation in self.history:
            if operation.answer and operation.answer[0] == "ok":
                seen[operation.action[1:3]].append(operation)
        kept = []
        for operation in self.history:
            if operation.answer is None:
                if not operation.is_settled:
                    index = bisect.bisect_right(decided, operation.ended, key=lambda o: o.began)
                    operation.ended = min((o.ended for o in decided[index:]), default=time.time())
                if self._did_not_happen(operation, seen[operation.action[1:3]]):
                    continue
            kept.append(operation)
        self.history = kept

    def _did_not_happen(self, operation, seen):
        if operation.action[0] == "reserve":
            return operation.began < self.holds[operation.action[2]].absent_at
        before = max((o for o in seen if o.ended <= operation.began), key=lambda o: o.ended, default=None)
        after = min((o for o in seen if o.began >= operation.ended), key=lambda o: o.began, default=None)
        return before and after and before.answer[1:3] == after.answer[1:3]

    def of_pool(self, pool):
        """The history of one pool, ends of holds included."""
        own = [_without_pool(operation) for operation in self.history if operation.action[1] == pool]
        return own + [self._end(hold) for hold in self.holds.values() if pool in hold.lines and hold.expires_at]

    def of_reservation(self, hold, pool):
        own = [_without_pool(operation) for operation in self.history
               if operation.action[1] == pool and operation.action[2:3] == (hold.key,)]
        return own + ([self._end(hold)] if hold.expires_at else [])

    @staticmethod
    def _end(hold):
        return Operation(("expire", hold.key), (), hold.expires_at, hold.expires_at, "time")


def _without_pool(operation):
    kind, _, *rest = operation.action
    return Operation((kind, *rest), operation.answer, operation.began, operation.ended, operation.who)
