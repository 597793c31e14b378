#!/usr/bin/env python3
"""Counts what one Reserve costs the server, and compares with the ceilings of Benchmarks/reserve-cost.json. Counts, not times.

    scripts/reserve-cost.py [--write] [--only allocations|instructions]

It serves few Reserves and then many, each with a server of its own, and divides the difference: what starting and stopping costs is in
both. Allocations are what jemalloc was asked for; instructions are those of perf stat, in user mode. Reserves come 64 at a time over 8
connections, which sets how many share a commit. --write raises or lowers the ceilings to the counts plus a tenth.
Status 1: a ceiling is broken. Where the machine does not count instructions, as many virtual ones, it says so and goes on.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
CUPO = str(os.environ.get("CUPO_BINARY", ROOT / ".build/release/cupo"))
# Who makes the load; it is not counted.
GENERATOR = str(os.environ.get("CUPO_GENERATOR", CUPO))
CEILINGS = ROOT / "Benchmarks/reserve-cost.json"
SLACK = 1.1
# jemalloc prints JSON at the end, with the sums over all arenas only.
STATISTICS = "stats_print:true,stats_print_opts:Jgdablxe"


class Served:
    """A server under `prefix` that has answered Reserves for so long."""

    def __init__(self, seconds, prefix=(), env=None):
        with tempfile.TemporaryDirectory(prefix="cupo-cost-") as folder:
            with open(f"{folder}/log", "w+") as log:
                server = subprocess.Popen(
                    [*prefix, CUPO, "serve", "--listen", "127.0.0.1:0", "--data", f"{folder}/data", "--log-level", "error",
                     "--grace", "5s"],
                    stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, **(env or {})})
                try:
                    self.reserves = self.load(server, folder, seconds)
                finally:
                    # Under perf the server is its child.
                    pids = subprocess.run(["pgrep", "-P", str(server.pid)], capture_output=True, text=True).stdout.split()
                    os.kill(int(pids[0]) if prefix and pids else server.pid, signal.SIGTERM)
                    server.wait(120)
                log.seek(0)
                self.log = log.read()

    @staticmethod
    def load(server, folder, seconds):
        ready = server.stdout.readline()
        if "address=" not in ready:
            sys.exit("reserve-cost: the server did not start")
        address = ready.split("address=")[1].split()[0]
        done = subprocess.run(
            [GENERATOR, "bench", "reserve-hot", "--target", address, "--data", f"{folder}/data", "--in-flight", "64", "--connections", "8",
             "--warm-up", "0s", "--duration", f"{seconds}s", "--keys", "random", "--json"],
            capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        if found["errors"]:
            sys.exit(f"reserve-cost: {found['errors']} errors: {found['first_error']}")
        return found["requests"]


def per_reserve(count, few, many):
    few, many = few(), many()
    return (count(many) - count(few)) / (many.reserves - few.reserves)


def allocations():
    def count(served):
        text = served.log[served.log.index('{"jemalloc"'):] if '{"jemalloc"' in served.log else served.log[served.log.index("{"):]
        merged = json.JSONDecoder().raw_decode(text)[0]["jemalloc"]["stats.arenas"]["merged"]
        return merged["small"]["nrequests"] + merged["large"]["nrequests"]

    env = {"MALLOC_CONF": STATISTICS}
    return per_reserve(count, lambda: Served(1, env=env), lambda: Served(4, env=env))


def instructions():
    prefix = ["perf", "stat", "-x", ",", "-e", "instructions:u"]
    if not shutil.which("perf") or "not supported" in subprocess.run([*prefix, "true"], capture_output=True, text=True).stderr:
        print("instructions: not counted, this machine's processor does not count them for us (perf stat)")
        return None

    def count(served):
        line = next(line for line in served.log.splitlines() if "instructions:u" in line)
        return int(line.split(",")[0])

    return per_reserve(count, lambda: Served(1, prefix), lambda: Served(4, prefix))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="set the ceilings to the counts plus a tenth")
    parser.add_argument("--only", choices=["allocations", "instructions"])
    options = parser.parse_args()
    ceilings = json.loads(CEILINGS.read_text()) if CEILINGS.exists() else {}
    broken = False
    for name, measure in (("allocations", allocations), ("instructions", instructions)):
        if options.only not in (None, name):
            continue
        found = measure()
        if found is None:
            continue
        if options.write:
            ceilings[name] = round(found * SLACK)
        ceiling = ceilings.get(name)
        if ceiling is None:
            print(f"{name} for each Reserve: {found:,.1f}, no ceiling yet (--write sets it)")
            continue
        verdict = "ok" if found <= ceiling else "ABOVE ITS CEILING"
        broken |= found > ceiling
        print(f"{name} for each Reserve: {found:,.1f}, ceiling {ceiling:,}: {verdict}", flush=True)
    if options.write:
        CEILINGS.write_text(json.dumps(ceilings, indent=2) + "\n")
    if broken:
        sys.exit("see docs/performance.md, \"What a Reserve costs\"")


main()
