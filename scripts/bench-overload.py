#!/usr/bin/env python3
"""Finds out what a server on a fresh SQLite file can carry, and offers it several times as much at a pace that does not wait for answers.

    scripts/bench-overload.py [--seconds 5] [--rounds 5] [--factor 5] [--calls 1000]

Callers wait a second. It fails unless the goodput (what was answered in that time) stays over 80 % of the peak and the p99 of what was
accepted under the second. CUPO_BINARY names another executable than the release build's. Where there are two processors, server and load
have one each: else the load takes from the server.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
CUPO = os.environ.get("CUPO_BINARY", str(ROOT / ".build/release/cupo"))
CONNECTIONS = 16
DEADLINE_MS = 1_000


def pinned(processor):
    return ["taskset", "-c", str(processor)] if shutil.which("taskset") and (os.cpu_count() or 1) >= 2 else []


def load(target, arguments, seconds, env):
    command = [*pinned(1), CUPO, "bench", "reserve-hot", "--target", target, "--deadline", f"{DEADLINE_MS}ms",
               "--connections", str(CONNECTIONS), "--keys", "random", "--duration", f"{seconds}s", "--json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    if done.returncode:
        sys.exit(f"bench-overload: {done.stderr or done.stdout}")
    return json.loads(done.stdout)


def memory(process, name):
    status = pathlib.Path(f"/proc/{process}/status")
    if not status.exists():
        return "unknown"
    kilobytes = int(re.search(name + r":\s+(\d+)", status.read_text())[1])
    return f"{kilobytes // 1_024} MiB"


def measure(target, process, options, env):
    """Peak and flood in turns: what else the machine does falls on both. The round in the middle is judged."""
    before, rounds = memory(process, "VmRSS"), []
    for _ in range(options.rounds):
        peak = max(load(target, ["--in-flight", str(calls)], 2, env)["in_time_per_second"] for calls in (128, 256, 512, 1_024))
        found = load(target, ["--in-flight", str(CONNECTIONS * options.calls), "--rate", str(int(peak * options.factor))],
                     options.seconds, env)
        rounds.append((found["in_time_per_second"] / peak, peak, found))
        print(f"peak {peak:,.0f}/s in time; {peak * options.factor:,.0f}/s offered for {options.seconds} s: goodput "
              f"{found['in_time_per_second']:,.0f}/s, {100 * rounds[-1][0]:.0f} % of the peak, p50 {found['p50_ms']:.0f} ms, "
              f"p99 {found['p99_ms']:.0f} ms; refused {found['refused']:,}, past their deadline {found['late']:,}, without room "
              f"{found['unsent']:,}", flush=True)
    share, _, found = sorted(rounds, key=lambda one: one[0])[len(rounds) // 2]
    print(f"{CONNECTIONS} connections of at most {options.calls:,} calls, deadline {DEADLINE_MS} ms: {100 * share:.0f} % of the peak in the "
          f"round in the middle, p99 {found['p99_ms']:.0f} ms")
    print(f"memory: {before} before, {memory(process, 'VmRSS')} after, {memory(process, 'VmHWM')} at most, every reservation held")
    after = load(target, ["--in-flight", "64"], 2, env)["in_time_per_second"]
    print(f"a moment later, 64 at a time: {after:,.0f}/s")
    return share > 0.8 and found["p99_ms"] < DEADLINE_MS


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5, help="of each flood")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--factor", type=float, default=5)
    parser.add_argument("--calls", type=int, default=1_000, help="what the generator lets one connection have open")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        server = subprocess.Popen(
            [*pinned(0), CUPO, "serve", "--listen", "127.0.0.1:0", "--data", data], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        try:
            ready = re.search(r"address=(\S+)", server.stdout.readline())
            if not ready:
                sys.exit("bench-overload: the server does not start; `cupo serve` says why")
            token = subprocess.run(
                [CUPO, "token", "--role", "seller", "--role", "checkout", "--seller", "bench", "--subject", "bench",
                 "--ttl", "24h", "--data", data], capture_output=True, text=True, check=True).stdout.strip()
            holds = measure(ready[1], server.pid, options, {**os.environ, "CUPO_TOKEN": token})
        finally:
            server.terminate()
            server.wait()
    sys.exit(0 if holds else 1)


main()
