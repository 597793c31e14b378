#!/usr/bin/env python3
"""Validates the service levels of docs/slo.md against the release build on this machine, and prints pass or fail for each.

    scripts/slo.py [--seconds 10]

Status 1: a level is missed. Everything runs on servers of its own in temporary folders; nothing of a running one is touched.
"""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
CUPO = str(os.environ.get("CUPO_BINARY", ROOT / ".build/release/cupo"))
missed = []


def judge(level, found, limit, unit):
    """Prints one level; `found` must not be above `limit`."""
    passed = found <= limit
    if not passed:
        missed.append(level)
    print(f"{'pass' if passed else 'FAIL'}  {level}: {found:g} {unit}, at most {limit:g}", flush=True)


def bench(arguments, *more):
    done = subprocess.run([CUPO, "bench", *arguments.split(), *more, "--json"], capture_output=True, text=True,
                          env={**os.environ, "CUPO_TARGET": ""})
    if done.returncode:
        sys.exit(f"slo: {arguments}: {done.stderr}")
    return json.loads(done.stdout)


def latencies(seconds):
    """Levels 1 to 4: calls at a steady rate, far below what the machine can do."""
    asked = failed = 0
    for name, arguments, limits in (
            ("Reserve at 1,000/s", "reserve-uniform --rate 1000 --in-flight 1000 --keys random", {"p50_ms": 5, "p99_ms": 25}),
            ("GetAvailability at 1,000/s", "availability --rate 1000 --in-flight 1000", {"p50_ms": 2, "p99_ms": 10}),
            ("GetCalendar at 200/s", "calendar --rate 200 --in-flight 200", {"p50_ms": 5, "p99_ms": 25}),
            ("change to 100 watches at 100/s", "watch --rate 100 --in-flight 100", {"p50_ms": 50, "p99_ms": 250})):
        found = bench(arguments, "--duration", f"{seconds}s")
        asked += found["requests"]
        failed += found["errors"]
        for quantile, limit in limits.items():
            judge(f"{name}, {quantile[:-3]}", found[quantile], limit, "ms")
    judge("requests without their answer", 100 * failed / max(asked, 1), 0.05, "%")


class Server:
    """A server on `data`; `seconds` is how long it took to answer."""

    def __init__(self, data):
        begin = time.monotonic()
        self.process = subprocess.Popen(
            [CUPO, "serve", "--listen", "127.0.0.1:0", "--data", data, "--log-level", "error"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        ready = self.process.stdout.readline()
        if "address=" not in ready:
            sys.exit("slo: the server did not start")
        self.address = ready.split("address=")[1].split()[0]
        self.seconds = time.monotonic() - begin

    def resident(self):
        """MiB."""
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024

    def end(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait(60)


def recovery(seconds):
    """Levels 5 and 7: killed under load, how soon is it back, and in order? And what an idle server takes."""
    with tempfile.TemporaryDirectory(prefix="cupo-slo-") as folder:
        data = f"{folder}/data"
        server = Server(data)
        judge("start on an empty store", server.seconds * 1000, 500, "ms")
        time.sleep(1)
        judge("memory when idle", server.resident(), 64, "MiB")
        load = subprocess.Popen(
            [CUPO, "bench", "reserve-uniform", "--target", server.address, "--data", data, "--duration", "60s"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        server.end()
        load.wait(60)
        server = Server(data)
        judge("back after being killed under load", server.seconds, 5, "s")
        server.end(signal.SIGTERM)
        verified = subprocess.run([CUPO, "verify", "--data", data], capture_output=True, text=True)
        judge("differences between counters and log after that", verified.returncode, 0, "(cupo verify)")


def losses():
    """Level 6: acknowledged writes that a crash loses."""
    python = ROOT / ".venv/bin/python"
    done = subprocess.run(
        [str(python if python.exists() else sys.executable), "-m", "pytest", "-q", "Tests/EndToEnd/test_crash.py"],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, "CUPO_BINARY": CUPO})
    judge("acknowledged writes lost by crashes (test_crash.py)", done.returncode, 0, "")
    if done.returncode:
        print(done.stdout[-2_000:])


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--seconds", type=int, default=10)
options = parser.parse_args()
latencies(options.seconds)
recovery(options.seconds)
losses()
print("all levels are met" if not missed else f"missed: {', '.join(missed)}")
sys.exit(1 if missed else 0)
