"""What `make bench` and `make bench-growth` write: every row, failures too, and nothing outside their markers."""
import json

import bench
import goals
import growth
import growth_text
import page
import peers
import pytest
import served
from figures import MARK, found, row

PAGE = "before\n<!-- goals: begin -->\nold\n<!-- goals: end -->\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nbetween\n" \
       "<!-- growth: begin -->\n<!-- growth: end -->\nafter\n"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A page and charts of the test's own."""
    monkeypatch.setattr(page, "PAGE", tmp_path / "performance.md")
    monkeypatch.setattr(page, "CHARTS", tmp_path / "charts")
    monkeypatch.setattr(goals, "BENCH", tmp_path / "bench.json")
    monkeypatch.setattr(goals, "GROWTH", tmp_path / "growth.json")
    page.PAGE.write_text(PAGE)
    return tmp_path


def test_only_what_is_between_the_markers_changes():
    text = page.replaced(PAGE, "bench", ["new", "lines"])
    assert text == PAGE.replace("<!-- bench: begin -->\nold", "<!-- bench: begin -->\nnew\nlines")
    for broken in ("", PAGE + PAGE, "<!-- bench: end --><!-- bench: begin -->"):
        with pytest.raises(SystemExit, match="bench: begin"):
            page.replaced(broken, "bench", [])


def test_results_are_kept_whole(tmp_path):
    path = tmp_path / "deep/results.json"
    assert page.load(path) == {}
    page.save(path, {"rows": [1]})
    assert page.load(path) == {"rows": [1]} and [file.name for file in path.parent.iterdir()] == ["results.json"]
    for other in ("[1]", "{", ""):
        path.write_text(other)
        assert page.load(path) == {}


def test_the_page_of_the_workloads(site):
    rows = [row(title, rate=1_000 * (number + 1)) for number, (title, *_) in enumerate(bench.ROWS)]
    rows[1] = {"row": rows[1]["row"], "nghttpd": None, "failed": "the server | ended", **MARK}
    rows[2]["nghttpd"] = None
    peer = {"peer": "grpc-swift-2", "cupo_is": "Cupo", "requests_per_second": 50_000, "cupo": 200_000, "nghttpd": 400_000, **MARK}
    results = {"rows": rows, "idle": {"failed": "no server", **MARK}, "peers": [peer, {**peer, "peer": "SQL", "failed": "no PostgreSQL"}]}
    page.save(goals.BENCH, results)
    bench.write(results)
    text = page.PAGE.read_text()
    for title, *_ in bench.ROWS:
        assert f"| {title} |" in text
    assert "failed: the server / ended" in text and "no server" in text and "failed: no PostgreSQL" in text
    assert "| grpc-swift-2 | 50,000 | 0.125 | Cupo | 200,000 | 4.00 |" in text
    assert text.startswith("before") and "between" in text and text.endswith("after\n")
    columns = {line.count("|") for line in bench.table(rows) if line.startswith("|")}
    assert len(columns) == 1, "every row of a table has as many cells"
    throughput = (site / "charts/throughput.svg").read_text()
    assert all(title in throughput for title, *_ in bench.ROWS) and ">failed<" in throughput
    latency = (site / "charts/latency.svg").read_text()
    assert all((title in latency) == title.startswith("Reserve") for title, *_ in bench.ROWS)


def step(wanted, **more):
    return {"wanted": wanted, "present": wanted, "present_after": wanted + 5, "filled": wanted, "fill_seconds": wanted / 5e5, "resident": 9e8,
            "resident_fresh": 8e8, "bytes": 3e9, "bytes_per_hold": 400.0, "resident_per_hold": 81.5, "resident_fresh_per_hold": 80.0,
            "ready_seconds": 0.5, "first_answer_seconds": 0.6, "single": found(), "uniform": found(), "hot": found(), **more}


def test_the_page_of_growth(site):
    results = {"nghttpd": 500_000,
               "reservations": {**MARK, "seconds_asked": 3,
                                "rows": [step(0), step(10_000, uniform=found(rate=99_000, errors=7)), step(1_000_000), {"wanted": 10_000_000, "failed": "no | room"}]},
               "pools": {**MARK, "seconds_asked": 3, "rows": [{"pools": 10, "reserve": found(), "all_seconds": 9.5}, {"pools": 100_000, "failed": "no"}]},
               "connections": {**MARK, "seconds_asked": 3, "rows": [
                   {"connections": 1, "in_flight": 1_000, "reserve": found(), "server_microseconds_each": 9.5,
                    "generator_microseconds_each": 2.5, "resident_idle": 3e7, "resident_most": 5e7},
                   {"connections": 10_000, "in_flight": 10_000, "failed": "4,096 descriptors"}]}}
    page.save(goals.GROWTH, results)
    growth.write(results)
    text = page.PAGE.read_text()
    for told in ("| empty |", "| 10 thousand |", "| 1 million |", "refused: no / room", "99,000 (7 errors)", "refused: 4,096 descriptors",
                 "charts/growth-reservations.svg", "charts/growth-pools.svg", "charts/growth-connections.svg", "500,000 requests/s"):
        assert told in text, told
    for part, table in (("reservations", growth_text.reservations), ("pools", growth_text.pools), ("connections", growth_text.connections)):
        blocks = "\n".join(table(results[part]["rows"])).split("\n\n")
        for block in blocks:
            assert len({line.count("|") for line in block.splitlines() if line.startswith("|")}) <= 1, block
        assert (site / f"charts/growth-{part}.svg").read_text().startswith("<svg")
    assert "missed** |" in text, "10 million that were refused are a goal that is missed"


def test_an_open_loop_goes_at_half_of_its_closed_one():
    rows = [row(goals.HOT, rate=100_001, errors=0), row(goals.UNIFORM, rate=50_000)]
    assert bench.open_loop(rows, goals.HOT) == " --rate 50000"
    assert bench.open_loop([{"row": goals.HOT, "failed": "x"}], goals.HOT) is None and bench.open_loop([], goals.HOT) is None


def test_what_cupo_bench_says_when_it_fails(tmp_path, monkeypatch):
    program = tmp_path / "cupo"
    program.write_text('#!/bin/sh\necho \'{"error": {"message": "no server"}}\' >&2\nexit 6\n')
    program.chmod(0o755)
    monkeypatch.setattr(served, "CUPO", program)
    assert bench.measure("reserve-hot", 1, 1) == {"failed": "no server"}
    program.write_text("#!/bin/sh\necho '{\"calls\": 0}'\n")
    assert "no call was answered" in bench.measure("reserve-hot", 1, 1)["failed"], "nothing is not nought"
    program.write_text("#!/bin/sh\necho nonsense\n")
    assert "failed" in bench.measure("reserve-hot", 1, 1)
    monkeypatch.setattr(served, "CUPO", tmp_path / "nothing")
    assert "failed" in bench.measure("reserve-hot", 1, 1)


def test_a_peer_that_is_not_there_is_a_row_that_says_so(monkeypatch):
    monkeypatch.setattr(peers, "script", lambda *_, **__: ([], "PostgreSQL is not installed"))
    rows = peers.beside_sql(1, type("Nghttpd", (), {"rate": lambda self: None})()) + peers.beside_grpc_swift(1)
    assert len(rows) == 3 and all("not installed" in line for line in peers.table(rows)[2:])


def test_a_peers_figures_are_read(monkeypatch):
    lines = [{"pools": 1, "sql": 4_000, "cupo": found(rate=40_000)}, {"pools": 10_000, "sql": 20_000, "cupo": found(rate=30_000)}]
    monkeypatch.setattr(peers, "script", lambda *_, **__: (json.loads(json.dumps(lines)), None))
    rows = peers.beside_sql(1, type("Nghttpd", (), {"rate": lambda self: 400_000})())
    assert [row["cupo"] / row["requests_per_second"] for row in rows] == [10, 1.5]


@pytest.mark.parametrize("sizes, expected", [(growth.PRESENT, [0, 100, 10_000, 100_000]), (growth.POOLS, [1, 10, 100, 1_000])])
def test_quick_takes_a_hundredth(sizes, expected):
    assert growth.quick(sizes) == expected
