"""What Cupo should do on two cores, and what was measured: the table "Goals" of docs/performance.md.

A goal that no figure was measured for is "not measured", one whose run failed is "missed", and one whose figure is not good enough is
"missed", however close. Rates count answers that got what they asked for. Beside it is what the parts alone can do (`floor.py`).
"""
import dataclasses

import floor
import page

BENCH, GROWTH = page.results("bench"), page.results("growth")
PRESENT = 10_000_000


class Failed(Exception):
    """The run that should have told has failed; the message says how."""


@dataclasses.dataclass
class Goal:
    text: str
    # "at least", "at most" or "below".
    sense: str
    limit: float
    unit: str
    # From what was measured to the figure; None: not measured.
    found: object
    # Its name among the limits of the parts alone.
    alone: str = ""

    def line(self, bench, growth):
        """The goal's row, and its verdict."""
        try:
            value = self.found(bench, growth)
            told = "-" if value is None else f"{amount(value)}{self.unit}"
            verdict = "not measured" if value is None else "met" if self.is_met(value) else "missed"
        except Failed as failure:
            told, verdict = f"the run failed: {failure}".replace("|", "/"), "missed"
        shown = f"**{verdict}**" if verdict == "missed" else verdict
        alone = floor.limits(bench.get("floor")).get(self.alone)
        beside = "-" if alone is None else f"{amount(alone)}{self.unit}"
        return f"| {self.text} | {self.sense} {amount(self.limit)}{self.unit} | {told} | {shown} | {beside} |", verdict

    def is_met(self, value):
        return {"at least": value >= self.limit, "at most": value <= self.limit, "below": value < self.limit}[self.sense]


def amount(value):
    """For people; the verdict goes by the figure before it is rounded."""
    return f"{value:,.0f}" if value >= 1_000 else f"{value:,.4g}"


def good_rate(found):
    """Answers a second that got what they asked for."""
    share = 1 - found["errors"] / found["requests"] if found["requests"] else 0
    return found["requests_per_second"] * share


def row(bench, title):
    found = next((row for row in bench.get("rows", []) if row["row"] == title), None)
    if found and found.get("failed"):
        raise Failed(found["failed"])
    return found


def rate(title):
    return lambda bench, _: (found := row(bench, title)) and good_rate(found)


def latency(title, name):
    return lambda bench, _: (found := row(bench, title)) and found[name]


def apart(*titles):
    """By how many per cent the slower is behind the faster."""
    def found(bench, _):
        rates = [found and good_rate(found) for found in (row(bench, title) for title in titles)]
        return None if None in rates or not max(rates) else 100 * (max(rates) - min(rates)) / max(rates)
    return found


def behind_empty(_, growth):
    """By how many per cent a full store is behind an empty one, in the same run."""
    steps = growth.get("reservations", {}).get("rows", [])
    empty = next((step for step in steps if step["wanted"] == 0), None)
    full = next((step for step in steps if step["wanted"] >= PRESENT), None)
    if not empty or not full:
        return None
    for step in (empty, full):
        if step.get("failed"):
            raise Failed(step["failed"])
    before, after = good_rate(empty["uniform"]), good_rate(full["uniform"])
    return max(0.0, 100 * (before - after) / before) if before else None


def postgres(pools):
    def found(bench, _):
        peer = next((peer for peer in bench.get("peers", []) if peer.get("pools") == pools), None)
        if peer and peer.get("failed"):
            raise Failed(peer["failed"])
        return peer and good_rate(peer["cupo_run"])
    return found


def idle(name):
    def found(bench, _):
        idle = bench.get("idle", {})
        if idle.get("failed"):
            raise Failed(idle["failed"])
        return idle.get(name)
    return found


HOT, UNIFORM = "Reserve, one pool, 512 in flight", "Reserve, 10,000 pools, 512 in flight"
HOT_OPEN, UNIFORM_OPEN = "Reserve, one pool, open loop at half of that", "Reserve, 10,000 pools, open loop at half of that"
GOALS = [
    Goal("durable Reserves, one pool, 512 in flight", "at least", 250_000, "/s", rate(HOT), "512"),
    Goal("their p99", "below", 10, " ms", latency(HOT, "p99_ms"), "p99 512"),
    Goal("durable Reserves, 10,000 pools, 512 in flight", "at least", 250_000, "/s", rate(UNIFORM), "512"),
    Goal("their p99", "below", 10, " ms", latency(UNIFORM, "p99_ms"), "p99 512"),
    Goal("durable Reserves, one pool, 64 in flight", "at least", 100_000, "/s", rate("Reserve, one pool, 64 in flight"), "64"),
    Goal("durable Reserves, 10,000 pools, 64 in flight", "at least", 100_000, "/s", rate("Reserve, 10,000 pools, 64 in flight"), "64"),
    Goal("durable Reserves, 1 in flight", "at least", 4_500, "/s", rate("Reserve, one pool, 1 in flight"), "one"),
    Goal("durable Reserves by BatchReserve", "at least", 500_000, "/s", rate("BatchReserve of 1,000, 8 in flight"), "batch"),
    Goal("Consume, 512 in flight", "at least", 150_000, "/s", rate("Consume, 512 in flight"), "consume"),
    Goal("one pool and 10,000 pools are apart by", "at most", 15, " %", apart(HOT, UNIFORM)),
    Goal("with 10 million reservations present, Reserve is behind an empty store by", "at most", 20, " %", behind_empty),
    Goal("open loop at half the peak, one pool, p50", "below", 1, " ms", latency(HOT_OPEN, "p50_ms"), "p50"),
    Goal("the same, p99", "below", 5, " ms", latency(HOT_OPEN, "p99_ms"), "p99"),
    Goal("open loop at half the peak, 10,000 pools, p50", "below", 1, " ms", latency(UNIFORM_OPEN, "p50_ms"), "p50"),
    Goal("the same, p99", "below", 5, " ms", latency(UNIFORM_OPEN, "p99_ms"), "p99"),
    Goal("GetAvailability of one date", "at least", 300_000, "/s", rate("GetAvailability of one date, 512 in flight"), "read 512"),
    Goal("GetCalendar of 30 days", "at least", 50_000, "/s", rate("GetCalendar of 30 days, 64 in flight"), "read 64"),
    Goal("Reserve on PostgreSQL, one pool, 512 in flight", "at least", 50_000, "/s", postgres(1)),
    Goal("Reserve on PostgreSQL, 10,000 pools, 512 in flight", "at least", 50_000, "/s", postgres(10_000)),
    Goal("from the start of the process to the first answer, on an empty store", "below", 50, " ms", idle("first_answer_ms")),
    Goal("resident memory when idle", "below", 40, " MB", idle("resident_mb")),
]


def lines(bench, growth):
    """The table, and a sentence that counts."""
    found = [goal.line(bench, growth) for goal in GOALS]
    verdicts = [verdict for _, verdict in found]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in ("met", "missed", "not measured"))
    return [f"{len(GOALS)} goals: {counts}.", "", "| goal | | measured | | the parts alone |", "|---|---|---|---|---|", *(line for line, _ in found)]


def write():
    """Writes the table from what both measurements have left; answers the sentence that counts."""
    written = lines(page.load(BENCH), page.load(GROWTH))
    page.write("goals", written)
    return written[0]
