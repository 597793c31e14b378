"""`cupo bench`: what it prints for scripts, on a server of its own and on another, and that it leaves nothing behind."""
import json
import os
import signal
import subprocess
import time

import pytest

FIELDS = {"workload", "in_flight", "requests", "errors", "requests_per_second", "p50_ms", "p90_ms", "p99_ms", "p999_ms",
          "max_ms", "generator_cpu_seconds"}
SHORT = ["--duration", "1500ms", "--warm-up", "100ms", "--json"]


def bench(binary, tmp_path, *arguments, **environment):
    done = subprocess.run(
        [binary, "bench", *arguments], capture_output=True, text=True, timeout=120,
        env={**os.environ, "TMPDIR": str(tmp_path), "CUPO_TARGET": "", **environment})
    return done


def children(pid):
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout.split()
    return [int(child) for child in listed]


@pytest.mark.parametrize("workload", ["reserve-hot", "lifecycle", "calendar", "watch"])
def test_one_object_from_a_server_of_its_own(binary, tmp_path, workload):
    done = bench(binary, tmp_path, workload, "--in-flight", "8", "--connections", "2", *SHORT)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert FIELDS <= set(found)
    assert (found["workload"], found["in_flight"], found["errors"]) == (workload, 8, 0), found
    assert found["requests"] > 0 and found["requests_per_second"] > 0, found
    assert 0 < found["p50_ms"] <= found["p90_ms"] <= found["p99_ms"] <= found["p999_ms"] <= found["max_ms"]
    assert found["generator_cpu_seconds"] > 0 and found["server_cpu_seconds"] >= 0, found
    assert list(tmp_path.iterdir()) == [], "the server of its own left something behind"


def test_a_deadline_tells_what_was_in_time(binary, tmp_path):
    done = bench(binary, tmp_path, "reserve-hot", "--in-flight", "8", "--rate", "200", "--deadline", "1s", *SHORT)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["deadline_ms"] == 1_000 and 150 < found["in_time_per_second"] <= 201, found
    assert (found["refused"], found["late"], found["unsent"]) == (0, 0, 0), found
    refused = bench(binary, tmp_path, "reserve-hot", "--deadline", "0s")
    assert refused.returncode != 0 and "--deadline is between 1ms and 1h" in refused.stderr


def test_another_server_is_measured_by_token_and_rate(binary, tmp_path, server):
    done = bench(binary, tmp_path, "reserve-hot", "--target", server.address, "--rate", "200", "--keys", "random", *SHORT)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["rate"] == 200 and 299 <= found["requests"] <= 301 and found["errors"] == 0
    refused = bench(binary, tmp_path, "reserve-hot", "--target", server.address, "--token", "nobody", *SHORT)
    assert refused.returncode == 7 and json.loads(refused.stderr)["error"]["reason"] == "TOKEN_INVALID"


def test_a_shop_goes_on_where_it_was_left(binary, tmp_path, server):
    def reserve(workload, *more):
        done = bench(binary, tmp_path, workload, "--target", server.address, "--pools", "20", "--shop",
                     "mine", "--ttl", "24h", "--duration", "20s", "--warm-up", "0s", "--json", *more)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert reserve("batch-reserve", "--requests", "3000")["requests"] == 3_000
    # It also checks by itself that the server holds 57 more than before.
    found = reserve("reserve-uniform", "--requests", "57")
    assert (found["requests"], found["errors"], found["pools"]) == (57, 0, 20)
    early = bench(binary, tmp_path, "reserve-hot", "--requests", "1", *SHORT)
    assert early.returncode == 1 and "before the clock ran" in early.stderr


def test_nobody_there(binary, tmp_path):
    done = bench(binary, tmp_path, "reserve-hot", "--target", "127.0.0.1:1", "--token", "x")
    assert done.returncode == 6 and "cannot connect to 127.0.0.1:1" in done.stderr


@pytest.mark.parametrize("wrong", [["nothing"], ["consume", "--in-flight", "0"], ["consume", "--rate", "0"],
                                   ["consume", "--in-flight", "2001", "--connections", "2"], ["consume", "--target", "here"],
                                   ["reserve-hot", "--pools", "3"], ["calendar", "--ttl", "5s"], ["consume", "--requests", "5"]])
def test_wrong_command_lines_are_told(binary, tmp_path, wrong):
    done = bench(binary, tmp_path, *wrong)
    assert done.returncode == 2 and done.stderr and not done.stdout


def test_its_server_ends_with_it(binary, tmp_path):
    running = subprocess.Popen(
        [binary, "bench", "reserve-hot", "--duration", "60s"], stdout=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path), "CUPO_TARGET": ""})
    deadline = time.monotonic() + 20
    while not list(tmp_path.glob("cupo-bench-*/cupo.db")) and time.monotonic() < deadline:
        time.sleep(0.05)
    servers = children(running.pid)
    assert len(servers) == 1
    running.send_signal(signal.SIGTERM)
    assert running.wait(20) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(servers[0], 0)
    assert list(tmp_path.iterdir()) == []
