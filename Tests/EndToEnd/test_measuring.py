"""What `make bench` and `make bench-growth` do with the real binary, in small: a start, a store that grows, pools, connections."""
import pathlib
import sys

import pytest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))

import growth_steps
import growth_text
import idle
import served


@pytest.fixture(autouse=True)
def measured(binary, monkeypatch):
    monkeypatch.setattr(served, "CUPO", binary)


def test_an_idle_server():
    found = idle.measure(starts=2, pause=0)
    assert 0 < found["ready_ms"] <= found["first_answer_ms"] <= found["first_answer_ms_max"], found
    assert 5 < found["resident_mb"] < 500


def test_a_server_that_does_not_start_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(served.NotServed, match="did not start"):
        served.Server(tmp_path / "file")


def test_a_refused_call_is_no_answer(server):
    with pytest.raises(served.NotServed, match="was not answered"):
        served.call(server.address, idle.LIST_PRODUCTS, "nobody's")


def test_a_store_that_grows(tmp_path):
    store = growth_steps.GrowingStore(tmp_path, pools=5, seconds=1, pause=0)
    try:
        empty, some = store.step(0), store.step(20_000)
        assert empty["present"] == 1 and empty["present_after"] > 1 and empty["uniform"]["errors"] == 0
        assert some["present"] == 20_000 < some["present_after"]
        assert 50 < some["bytes_per_hold"] < 10_000, some
        assert store.holds == some["present_after"] == held(store)
        again = store.step(1_500)
        assert again["present"] == 1_500 and again["filled"] == 1_499, "a store that has more than that is begun anew"
        assert len(growth_text.reservations([{"wanted": 0, **empty}, {"wanted": 20_000, **some}])) == 13
    finally:
        store.close()
    assert list(tmp_path.iterdir()) == []


def held(store):
    """What the server says it holds, of both shops."""
    import sqlite3
    with sqlite3.connect(f"file:{store.server.data}/cupo.db?mode=ro", uri=True) as connection:
        return connection.execute("SELECT sum(held) FROM pool").fetchone()[0]


def test_a_disk_that_is_too_small_is_told(tmp_path, monkeypatch):
    store = growth_steps.GrowingStore(tmp_path, pools=1, seconds=1, pause=0)
    monkeypatch.setattr(growth_steps.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10 ** 9}))
    try:
        with pytest.raises(growth_steps.Refused, match="GB of disk, and 1.0 are free"):
            store.step(1_000_000)
    finally:
        store.close()


def test_pools_and_connections(tmp_path):
    assert growth_steps.with_pools(tmp_path, 3, 1, 1)["reserve"]["pools"] == 3
    found = growth_steps.with_connections(tmp_path, 20, 40, 1, 1)
    assert found["reserve"]["connections"] == 20 and found["resident_most"] >= found["resident_idle"] > 0
    with pytest.raises(growth_steps.Refused, match="ulimit -Hn|ip_local_port_range"):
        growth_steps.with_connections(tmp_path, 1_000_000_000, 1, 1, 1)
    assert list(tmp_path.iterdir()) == []
