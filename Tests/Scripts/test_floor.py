"""What the parts alone can do: limits follow from what was measured, and what could not be measured is no limit."""
import json
import pathlib
import sqlite3
import subprocess

import floor
import goals
import pytest

FLOOR = pathlib.Path(__file__).resolve().parents[2] / ".build/debug/commit-floor"


def commit(batch, rate, processor_us=2.0, again=False):
    return {"batch": batch, "rows_again": again, "reservations_per_second": rate, "commit_p50_ms": 0.2, "commit_p99_ms": 4.5,
            "processor_us_per_reservation": processor_us}


def echo(rate, server=4.0, generator=3.0):
    return {"calls_per_second": rate, "server_us": server, "generator_us": generator}


MEASURED = {
    "commits": {"1": commit(1, 5_000, 50), "32": commit(32, 100_000), "256": commit(256, 250_000), "4000": commit(4_000, 350_000)},
    "again": commit(256, 150_000, again=True), "echoes": {"1": echo(20_000), "64": echo(200_000), "512": echo(250_000)}, "cores": 2, "seconds": 1}


def test_limits_follow_from_the_parts():
    limits = floor.limits(MEASURED)
    # A call and a commit, one after the other: 50 and 200 µs.
    assert limits["one"] == pytest.approx(4_000)
    # The thread that commits.
    assert limits["64"] == 100_000 and limits["consume"] == 150_000 and limits["batch"] == 350_000
    # The processors: 9 µs of two.
    assert limits["512"] == pytest.approx(2e6 / 9)
    assert (limits["read 64"], limits["read 512"], limits["p50"], limits["p99"]) == (200_000, 250_000, 0.2, 4.5)


def test_goals_have_them_beside():
    lines = goals.lines({"floor": MEASURED}, {})
    assert any("1 in flight | at least 4,500/s | - | not measured | 4,000/s |" in line for line in lines)
    assert {goal.alone for goal in goals.GOALS} - {""} <= set(floor.limits(MEASURED))


def test_what_was_not_measured_limits_nothing():
    assert floor.limits(None) == {} == floor.limits({"failed": "no h2load"})
    assert floor.table({"failed": "no h2load"}) == ["The parts alone could not be measured: no h2load"]
    assert all(line.endswith("| - |") for line in goals.lines({"floor": {"failed": "no h2load"}}, {})[4:])


def test_the_table_has_every_part():
    table = "\n".join(floor.table(MEASURED))
    assert "| 4,000 | 350,000 |" in table and "| 256, written again | 150,000 |" in table and "| 512 | 250,000 | 4.0 | 3.0 |" in table


def test_the_fastest_run_counts():
    runs = iter([commit(1, 10), commit(1, 30) | {"commit_p99_ms": 9}, commit(1, 20)])
    found = floor.best(lambda: next(runs))
    assert (found["reservations_per_second"], found["commit_p99_ms"]) == (30, 4.5)


@pytest.mark.parametrize("again", [False, True])
def test_it_stores_what_it_counts(tmp_path, again):
    done = subprocess.run([FLOOR, tmp_path, "30", "1", "158", "216", *["again"] * again], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["batch"] == 30 and found["rows_again"] == again and found["reservations_per_second"] > 0
    assert 0 < found["commit_p50_ms"] <= found["commit_p99_ms"]
    with sqlite3.connect(tmp_path / "floor.db") as store:
        events, least, most = store.execute("SELECT count(*), min(length(body)), max(length(body)) FROM event").fetchone()
        reservations, body = store.execute("SELECT count(*), max(length(body)) FROM reservation").fetchone()
    # It counts from the second second on.
    assert (least, most, body) == (216, 216, 158) and events > found["reservations_per_second"]
    assert events % 30 == 0 and (reservations == 200_000 if again else reservations == events)


@pytest.mark.parametrize("words", [
    [], ["30"], ["x", "1", "158", "216"], ["0", "1", "1", "1"], ["30", "1", "158", "99999999"], ["30", "1", "1", "1", "twice"]])
def test_wrong_words_are_said(tmp_path, words):
    done = subprocess.run([FLOOR, tmp_path, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 64 and "commit-floor" in done.stderr


def test_a_folder_that_is_not_there_is_said(tmp_path):
    done = subprocess.run([FLOOR, tmp_path / "none", "30", "1", "158", "216"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "unable to open" in done.stderr
