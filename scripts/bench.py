#!/usr/bin/env python3
"""Measures every workload of `cupo bench` beside nghttpd in the same run, prints ratios, and writes the tables of docs/performance.md.

    scripts/bench.py [--seconds 5] [--runs 3] [--only PART] [--no-docs]

nghttpd answers a file of 111 bytes to a POST of as many, with gRPC's trailer: what HTTP/2 alone costs. It is measured before each
workload, because a machine's mood changes; a ratio is to the measurement right before. Absolute numbers are noise elsewhere.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
CUPO = os.environ.get("CUPO_BINARY", ROOT / ".build/release/cupo")
PAGE = ROOT / "docs/performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
PORT = 18094

# What is measured: a name, and the arguments. `half` stands for half of what the closed loop before it made.
ROWS = [
    ("Reserve, one pool, 1 in flight", "reserve-hot --in-flight 1"),
    ("Reserve, one pool, 64 in flight", "reserve-hot --in-flight 64 --keys random"),
    ("Reserve, one pool, 512 in flight", "reserve-hot --in-flight 512 --keys random"),
    ("Reserve, 10,000 pools, 64 in flight", "reserve-uniform --in-flight 64 --keys random"),
    ("Reserve, 10,000 pools, 512 in flight", "reserve-uniform --in-flight 512 --keys random"),
    ("Reserve, 10,000 pools, open loop at half of that", "reserve-uniform --in-flight 4000 --keys random --rate half"),
    ("BatchReserve of 1,000, 8 in flight", "batch-reserve --in-flight 8 --connections 2"),
    ("Consume, 512 in flight", "consume --in-flight 512"),
    ("Lifecycle, 512 in flight", "lifecycle --in-flight 512"),
    ("GetAvailability of one date, 512 in flight", "availability --in-flight 512"),
    ("GetCalendar of 30 days, 64 in flight", "calendar --in-flight 64"),
    ("100 changes/s to 100 watches", "watch --in-flight 100 --connections 4"),
]


class Ceiling:
    """nghttpd, shaped as a unary call."""

    def __init__(self):
        self.process = None
        if not all(map(shutil.which, ("nghttpd", "h2load"))):
            print("bench: nghttpd or h2load is missing; there will be no ratios", file=sys.stderr)
            return
        self.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self.folder.name)
        self.message = folder / "message"
        self.message.write_bytes(b"\0\0\0\0\x6f\x0a\x6d" + b"x" * 109)
        (folder / "www").mkdir()
        (folder / "www/Echo").write_bytes(self.message.read_bytes()[5:])
        self.process = subprocess.Popen(
            ["nghttpd", "--no-tls", "-n", "1", "-d", folder / "www", "-a", "127.0.0.1",
             "--trailer", "grpc-status: 0", str(PORT)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.5)

    def rate(self):
        """Requests per second; None without nghttpd."""
        if not self.process:
            return None
        done = subprocess.run(
            ["h2load", "-c", "8", "-m", "64", "-t", "1", "-D", "2", "--warm-up-time", "1", "-d", self.message,
             "-H", "content-type: application/grpc", "-H", "te: trailers", f"http://127.0.0.1:{PORT}/Echo"],
            capture_output=True, text=True, check=True)
        line = next(line for line in done.stdout.splitlines() if line.startswith("finished in"))
        return float(line.split(",")[1].split()[0])

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.folder.cleanup()


def measure(arguments, seconds, runs):
    command = [CUPO, "bench", *arguments.split(), "--duration", f"{seconds}s", "--runs", str(runs), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "CUPO_TARGET": ""})
    if done.returncode:
        sys.exit(f"bench: {arguments}: {done.stderr}")
    return json.loads(done.stdout)


def table(rows):
    """The rows as Markdown."""
    lines = ["| workload | requests/s | spread | errors | p50 ms | p99 ms | p99.9 ms | max ms | generator CPU | to nghttpd |",
             "|---|---|---|---|---|---|---|---|---|---|"]
    for title, found, ceiling in rows:
        ratio = f"{found['requests_per_second'] / ceiling:.3f}" if ceiling else "-"
        spread = f"{found['requests_per_second_min']:,.0f} to {found['requests_per_second_max']:,.0f}"
        cpu = 100 * found["generator_cpu_seconds"] / max(found["seconds"], 0.001)
        lines.append(
            f"| {title} | {found['requests_per_second']:,.0f} | {spread} | {found['errors']} | {found['p50_ms']} | "
            f"{found['p99_ms']} | {found['p999_ms']} | {found['max_ms']} | {cpu:.0f} % of a core | {ratio} |")
    ceilings = [ceiling for _, _, ceiling in rows if ceiling]
    if ceilings:
        lines += ["", f"nghttpd in the same run: {statistics.median(ceilings):,.0f} requests/s (median of {len(ceilings)}; "
                      f"{min(ceilings):,.0f} to {max(ceilings):,.0f})."]
    return lines


def write(lines):
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    date = time.strftime("%Y-%m-%d", time.gmtime())
    head = f"Measured on {date}, {os.cpu_count()} cores, generator and server on the same."
    PAGE.write_text("\n".join([before + BEGIN, head, "", *lines, END]) + after)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="rows whose name or arguments have this text")
    parser.add_argument("--no-docs", action="store_true", help="do not write docs/performance.md")
    options = parser.parse_args()
    ceiling, rows, peak = Ceiling(), [], 1_000
    try:
        for title, arguments in ROWS:
            if options.only not in f"{title} {arguments}":
                continue
            rate = ceiling.rate()
            found = measure(arguments.replace("half", str(int(peak / 2))), options.seconds, options.runs)
            peak = found["requests_per_second"]
            rows.append((title, found, rate))
            beside = f", {found['requests_per_second'] / rate:.3f} of nghttpd" if rate else ""
            print(f"{title}: {peak:,.0f}/s, p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms, "
                  f"{found['errors']} errors{beside}", flush=True)
    finally:
        ceiling.stop()
    results = ROOT / ".build/bench.json"
    results.write_text(json.dumps([{"row": t, "nghttpd": c, **f} for t, f, c in rows], indent=2) + "\n")
    print(f"written: {results.relative_to(ROOT)}")
    if not options.no_docs:
        write(table(rows))


main()
