"""The table of goals: what is missed is said to be missed."""
import goals
import pytest
from figures import MARK, found, row


def verdict(text, bench=(), growth=None, **more):
    goal = next(goal for goal in goals.GOALS if goal.text == text)
    return goal.line({"rows": list(bench), **more}, growth or {})


def test_nothing_measured_is_said():
    lines = goals.lines({}, {})
    assert lines[0] == f"{len(goals.GOALS)} goals: 0 met, 0 missed, {len(goals.GOALS)} not measured."
    assert len(lines) == 4 + len(goals.GOALS) and all(line.endswith("| - | not measured | - |") for line in lines[4:])


@pytest.mark.parametrize("rate, expected", [(250_000, "met"), (249_999.9, "missed"), (400_000, "met"), (0, "missed")])
def test_a_rate_is_met_from_its_limit_on(rate, expected):
    line, told = verdict("durable Reserves, one pool, 512 in flight", [row(goals.HOT, rate=rate)])
    assert told == expected and ("**missed**" in line) == (expected == "missed")


def test_what_was_refused_does_not_count():
    line, told = verdict("durable Reserves, one pool, 512 in flight", [row(goals.HOT, rate=300_000, errors=300_000)])
    assert told == "missed" and "240,000/s" in line


@pytest.mark.parametrize("p99, expected", [(9.99, "met"), (10, "missed"), (24.8, "missed")])
def test_a_latency_stays_below_its_limit(p99, expected):
    goal = next(goal for goal in goals.GOALS if goal.text == "their p99")
    assert goal.line({"rows": [row(goals.HOT, p99=p99)]}, {})[1] == expected


def test_a_run_that_failed_is_missed():
    failed = {"row": goals.HOT, "nghttpd": 1, "failed": "no | server", **MARK}
    line, told = verdict("durable Reserves, one pool, 512 in flight", [failed])
    assert told == "missed" and "the run failed: no / server" in line
    assert verdict("one pool and 10,000 pools are apart by", [failed, row(goals.UNIFORM)])[1] == "missed"
    assert verdict("resident memory when idle", idle={"failed": "no server"})[1] == "missed"


@pytest.mark.parametrize("uniform, expected", [(85_000, "met"), (84_000, "missed"), (118_000, "missed"), (117_000, "met")])
def test_pools_are_apart_by_the_slower(uniform, expected):
    bench = [row(goals.HOT, rate=100_000), row(goals.UNIFORM, rate=uniform)]
    assert verdict("one pool and 10,000 pools are apart by", bench)[1] == expected


@pytest.mark.parametrize("full, expected", [(80_000, "met"), (79_000, "missed"), (120_000, "met")])
def test_a_full_store_is_compared_with_an_empty_one(full, expected):
    text = "with 10 million reservations present, Reserve is behind an empty store by"
    steps = [{"wanted": 0, "uniform": found(rate=100_000)}, {"wanted": 10_000_000, "uniform": found(rate=full)}]
    assert verdict(text, growth={"reservations": {"rows": steps}})[1] == expected
    assert verdict(text, growth={"reservations": {"rows": steps[:1]}})[1] == "not measured"
    steps[1] = {"wanted": 10_000_000, "failed": "no room"}
    assert verdict(text, growth={"reservations": {"rows": steps}})[1] == "missed"


def test_peers_and_idle_are_judged():
    peers = [{"pools": 1, "cupo_run": found(rate=60_000)}, {"pools": 10_000, "failed": "no PostgreSQL"}, {"peer": "grpc-swift-2"}]
    assert verdict("Reserve on PostgreSQL, one pool, 512 in flight", peers=peers)[1] == "met"
    assert verdict("Reserve on PostgreSQL, 10,000 pools, 512 in flight", peers=peers)[1] == "missed"
    idle = {"first_answer_ms": 49.9, "resident_mb": 40.1}
    assert verdict("resident memory when idle", idle=idle)[1] == "missed"
    assert verdict("from the start of the process to the first answer, on an empty store", idle=idle)[1] == "met"


def test_every_goal_names_a_row_that_is_measured():
    import bench
    measured = {"rows": [row(title) for title, *_ in bench.ROWS], "idle": {"first_answer_ms": 1, "resident_mb": 1},
                "peers": [{"pools": pools, "cupo_run": found()} for pools in (1, 10_000)]}
    growth = {"reservations": {"rows": [{"wanted": wanted, "uniform": found()} for wanted in (0, 10_000_000)]}}
    assert "0 not measured" in goals.lines(measured, growth)[0]
