"""Reads a store's SQLite file without Cupo, so that its counters are recomputed by code that shares none with it.

Not a tool: the layout it knows is that of `Schema` and `RecordCodec`, version 1. The one thing to know before changing
it: it works on a copy of the files, because opening a log that a crash left behind would repair the original.
"""
import collections
import contextlib
import pathlib
import shutil
import sqlite3
import tempfile

HELD, CONSUMED, RELEASED, EXPIRED, CANCELLED = range(1, 6)


class Reader:
    """The primitives of the codec: varints, zigzag, text behind its count."""

    def __init__(self, data):
        self.data, self.position = data, 0
        assert self.byte() == 1, "a record of another version"

    def byte(self):
        self.position += 1
        return self.data[self.position - 1]

    def unsigned(self):
        value, shift = 0, 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self):
        value = self.unsigned()
        return value >> 1 ^ -(value & 1)

    def text(self):
        count = self.unsigned()
        self.position += count
        return bytes(self.data[self.position - count:self.position]).decode()

    def list(self, element):
        return [element() for _ in range(self.unsigned())]

    def end(self):
        assert self.position == len(self.data), "bytes behind the end of a record"

    def pool_key(self):
        return self.text(), self.signed()

    def reservation(self):
        number, state, flags = self.unsigned(), self.byte(), self.byte()
        buyer, reference, key = self.text(), self.text(), self.text()
        if flags & 1:
            self.signed()
        created = self.signed()
        expires = created + self.signed()
        if flags & 2:
            self.signed()
        version, _ = self.unsigned(), self.signed()
        lines = self.list(self.line)
        self.list(self.request)
        return Reservation(number, state, buyer, key, created, expires, version, lines)

    def line(self):
        product, _, slot = self.text(), self.text(), self.text()
        quantity, held, consumed, released, expired, cancelled = (self.signed() for _ in range(6))
        draws = self.list(lambda: (self.pool_key(), self.signed()))
        self.signed()
        self.list(self.text)
        assert quantity == held + consumed + released + expired + cancelled, f"a line of {product} does not add up"
        return Line(product, slot, quantity, held, consumed, draws)

    def request(self):
        self.text(), self.byte(), self.list(lambda: (self.signed(), self.signed()))
        if self.byte():
            self.signed()

    def event(self):
        sequence, kind, at = self.unsigned(), self.byte(), self.signed()
        self.text(), self.text()
        tag = self.byte()
        if tag == 1:
            self.reservation()
        elif tag == 5:
            self.unsigned(), self.unsigned()
        else:
            self.text()
        return sequence, kind, at, self.list(self.movement)

    def movement(self):
        key = self.pool_key()
        _, held, consumed = self.signed(), self.signed(), self.signed()
        balance = Balance(self.signed(), self.signed(), self.unsigned())
        return key, held, consumed, balance


Balance = collections.namedtuple("Balance", "held consumed revision")
Reservation = collections.namedtuple("Reservation", "number state buyer key created expires version lines")
Line = collections.namedtuple("Line", "product slot quantity held consumed draws")


class StoredLedger:
    """What the store at `path` holds; no server may run on it."""

    def __init__(self, path):
        path = pathlib.Path(path)
        with tempfile.TemporaryDirectory(prefix="cupo-copy-") as folder:
            for suffix in ("", "-wal"):
                if (source := path.with_name(path.name + suffix)).exists():
                    shutil.copy(source, folder)
            with contextlib.closing(sqlite3.connect(pathlib.Path(folder) / path.name)) as database:
                assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                self._read(database)

    def _read(self, database):
        self.reservations = {}
        for number, body in database.execute("SELECT number, body FROM reservation"):
            self.reservations[number] = self._whole(body, Reader.reservation)
        self.events = [
            self._whole(body, Reader.event)
            for (body,) in database.execute("SELECT body FROM event ORDER BY sequence")]
        self.pools = {key: (balance.held, balance.consumed) for key, balance in self._balances(database).items()}
        self.keys = {(each.buyer, each.key): number for number, each in self.reservations.items()}

    def _balances(self, database):
        """The rows of the pools, and what the log has behind the event up to which the lane says that they are written."""
        balances = {
            (resource, ordinal): Balance(*counters)
            for resource, ordinal, *counters in database.execute(
                "SELECT resource_id, ordinal, held, consumed, revision FROM pool")}
        (written_to,), = database.execute("SELECT pools_written_to FROM lane")
        for sequence, _, _, movements in self.events:
            for key, _, _, balance in movements:
                if sequence > written_to and balance.revision > balances.get(key, (0, 0, 0))[2]:
                    balances[key] = balance
        return balances

    @staticmethod
    def _whole(body, read):
        reader = Reader(body)
        value = read(reader)
        reader.end()
        return value

    def counters_of_reservations(self):
        sums = collections.defaultdict(lambda: [0, 0])
        for reservation in self.reservations.values():
            for line in reservation.lines:
                for pool, units in line.draws:
                    sums[pool][0] += line.held * units
                    sums[pool][1] += line.consumed * units
        return _without_empty(sums)

    def counters_of_events(self):
        sums = collections.defaultdict(lambda: [0, 0])
        for sequence, kind, _, movements in self.events:
            for pool, held, consumed, balance in movements:
                sums[pool][0] += held
                sums[pool][1] += consumed
                assert tuple(sums[pool]) == balance[:2], (
                    f"event {sequence} (kind {kind}): {pool} is {sums[pool]}, not {balance}")
        return _without_empty(sums)

    def audit(self):
        """Counters, reservations, the log and the keys say the same, and nothing is below zero."""
        counters = _without_empty(self.pools)
        assert all(held >= 0 and consumed >= 0 for held, consumed in counters.values()), counters
        assert counters == self.counters_of_reservations(), "counters differ from the reservations"
        assert counters == self.counters_of_events(), "counters differ from the event log"
        sequences = [event[0] for event in self.events]
        assert sequences == list(range(1, len(sequences) + 1)), "the event log has a gap"
        instants = [event[2] for event in self.events]
        assert all(a <= b for a, b in zip(instants, instants[1:])) or self._only_expiries_step_back()
        for reservation in self.reservations.values():
            assert self.keys.get((reservation.buyer, reservation.key)) == reservation.number, "a key is lost"
            assert any(line.held for line in reservation.lines) == (reservation.state == HELD), reservation
        return self

    # An expiry is dated by its instant, which may lie before what was decided since.
    def _only_expiries_step_back(self):
        return all(b[2] >= a[2] or b[1] == 5 for a, b in zip(self.events, self.events[1:]))


def _without_empty(sums):
    return {pool: tuple(pair) for pool, pair in sums.items() if tuple(pair) != (0, 0)}
