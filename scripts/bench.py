#!/usr/bin/env python3
"""Measures every workload of `cupo bench` beside nghttpd in the same run, prints ratios, and writes the tables and charts of docs/performance.md.

    scripts/bench.py [--seconds 5] [--runs 3] [--only PART] [--peers] [--no-docs] [--render]

nghttpd is measured before each workload, because a machine's mood changes; a ratio is to the measurement right before. Absolute numbers are
noise elsewhere. .build/bench.json has what was measured; with --only the rest of it stays, --render writes the page from it without
measuring. `--only idle` measures the start of a server alone, `--only floor` what the parts can do without Cupo, `--only peers --peers` the
peers. Status 1: a workload could not be measured.
"""
import argparse
import json
import statistics
import sys
import time

import charts
import floor
import goals
import idle
import page
import peers
import served

# What is measured: a name, and the arguments. A third member names the row whose half is the rate of an open loop.
ROWS = [
    ("Reserve, one pool, 1 in flight", "reserve-hot --in-flight 1"),
    ("Reserve, one pool, 64 in flight", "reserve-hot --in-flight 64 --keys random"),
    (goals.HOT, "reserve-hot --in-flight 512 --keys random"),
    (goals.HOT_OPEN, "reserve-hot --in-flight 4000 --keys random", goals.HOT),
    ("Reserve, 10,000 pools, 64 in flight", "reserve-uniform --in-flight 64 --keys random"),
    (goals.UNIFORM, "reserve-uniform --in-flight 512 --keys random"),
    (goals.UNIFORM_OPEN, "reserve-uniform --in-flight 4000 --keys random", goals.UNIFORM),
    ("BatchReserve of 1,000, 8 in flight", "batch-reserve --in-flight 8 --connections 2"),
    ("Consume, 512 in flight", "consume --in-flight 512"),
    ("Lifecycle, 512 in flight", "lifecycle --in-flight 512"),
    ("GetAvailability of one date, 512 in flight", "availability --in-flight 512"),
    ("GetCalendar of 30 days, 64 in flight", "calendar --in-flight 64"),
    ("100 changes/s to 100 watches", "watch --in-flight 100 --connections 4"),
]
# No row takes longer, in seconds, however slow the machine.
PATIENCE = 1_800
QUANTILES = [("p50", "p50_ms"), ("p90", "p90_ms"), ("p99", "p99_ms"), ("p99.9", "p999_ms")]


def measure(arguments, seconds, runs):
    """What `cupo bench` says; `failed` where it could not."""
    command = [served.CUPO, "bench", *arguments.split(), "--duration", f"{seconds}s", "--runs", str(runs), "--json"]
    try:
        status, output, errors = served.run(command, PATIENCE)
        if status == 0:
            found = json.loads(output)
            return found if found["calls"] else {"failed": "no call was answered while it counted"}
        return {"failed": reason(errors) or f"status {status}"}
    except (OSError, ValueError, served.NotServed) as error:
        return {"failed": str(error)}


def reason(text):
    """The message of an error in JSON, or the last line."""
    try:
        return json.loads(text)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return text.strip().splitlines()[-1][:200] if text.strip() else ""


def open_loop(rows, peak):
    """Arguments for half of what the row named `peak` has made; None where that is not known."""
    found = next((row for row in rows if row["row"] == peak and not row.get("failed")), None)
    return found and f" --rate {max(1, int(goals.good_rate(found) / 2))}"


def ratio(row):
    return row["requests_per_second"] / row["nghttpd"] if row.get("nghttpd") else None


def table(rows):
    """The rows as Markdown."""
    lines = ["| workload | requests/s | spread | errors | p50 ms | p90 ms | p99 ms | p99.9 ms | max ms | generator CPU | to nghttpd |",
             "|---|---|---|---|---|---|---|---|---|---|---|"]
    for row in rows:
        if row.get("failed"):
            lines.append(f"| {row['row']} | failed: {row['failed'].replace('|', '/')} |{' - |' * 9}")
            continue
        spread = f"{row['requests_per_second_min']:,.0f} to {row['requests_per_second_max']:,.0f}"
        cpu = 100 * row["generator_cpu_seconds"] / max(row["seconds"], 0.001)
        latencies = " | ".join("-" if row[name] is None else str(row[name]) for _, name in QUANTILES)
        beside = f"{ratio(row):.3f}" if ratio(row) else "-"
        lines.append(f"| {row['row']} | {row['requests_per_second']:,.0f} | {spread} | {row['errors']} | {latencies} | {row['max_ms']} | "
                     f"{cpu:.0f} % of a core | {beside} |")
    ceilings = [row["nghttpd"] for row in rows if row.get("nghttpd")]
    if ceilings:
        lines += ["", f"nghttpd beside them: {statistics.median(ceilings):,.0f} requests/s (median of {len(ceilings)}; "
                      f"{min(ceilings):,.0f} to {max(ceilings):,.0f})."]
    return lines


def draw(rows):
    """Writes the charts; answers the lines that show them."""
    def behind(row):
        if row.get("failed"):
            return "failed"
        return f"{row['requests_per_second']:,.0f}" + (f" · {ratio(row):.3f}" if ratio(row) else "")

    told = "; ".join(f"{row['row']}: {behind(row)}" for row in rows)
    page.chart("throughput", charts.bars(
        "Requests a second · part of what nghttpd makes", f"Horizontal bars, one for each workload. {told}.",
        [(row["row"], row.get("requests_per_second"), behind(row)) for row in rows]))
    reserves = [row for row in rows if row["row"].startswith("Reserve")]
    values = [(row["row"], tuple(row.get(name) for _, name in QUANTILES)) for row in reserves]
    names = [name for name, _ in QUANTILES]
    told = "; ".join(f"{label}: {charts.beside(figures)}" for label, figures in values)
    page.chart("latency", charts.percentiles(
        "Latency of Reserve in milliseconds, logarithmic", f"{', '.join(names)} of each workload. {told}.", names, values, "ms"))
    return ["![Requests a second of each workload, with the ratio to nghttpd; the table below has the figures](charts/throughput.svg)", "",
            "![Percentiles of the latency of Reserve on a logarithmic axis; the table below has the figures](charts/latency.svg)", ""]


def write(results):
    """The page from the results."""
    rows, lines = results.get("rows", []), []
    if rows:
        lines += [page.measured(rows), *lengths(rows), "", *draw(rows), *table(rows)]
    if results.get("idle"):
        lines += ["", page.measured([results["idle"]]), "", *idle.table(results["idle"])]
    if results.get("floor"):
        found = results["floor"]
        told = f" The parts alone, {floor.ROUNDS} times {found.get('seconds', '-')} s each, the best counts:"
        lines += ["", page.measured([found]) + told, "", *floor.table(found)]
    if results.get("peers"):
        lines += ["", page.measured(results["peers"]) + " Peers, each beside Cupo on the same machine in the same run:", "",
                  *peers.table(results["peers"])]
    page.write("bench", lines)
    print(goals.write())


def lengths(rows):
    """How long was measured, where that was the same for all."""
    found = {(row["runs"], row.get("seconds_asked")) for row in rows if not row.get("failed")}
    return [f"Runs of each: {runs}, of {seconds} s." for runs, seconds in found if seconds] if len(found) == 1 else []


class Run:
    """What was measured before, and what is now; saved after each step, so that an end in the middle loses one step."""

    def __init__(self, options):
        self.options = options
        self.results = page.load(goals.BENCH)
        self.failures = 0
        self.mark = {"date": time.strftime("%Y-%m-%d", time.gmtime()), "commit": page.commit()}

    def wants(self, text):
        return self.options.only in text

    def workloads(self, nghttpd):
        for title, arguments, *peak in ROWS:
            if not self.wants(f"{title} {arguments}"):
                continue
            rows = self.results.get("rows", [])
            rate = open_loop(rows, peak[0]) if peak else ""
            row = {"row": title, "nghttpd": nghttpd.rate(), "seconds_asked": self.options.seconds, **self.mark}
            row |= {"failed": f"\"{peak[0]}\" was not measured"} if rate is None else measure(
                arguments + rate, self.options.seconds, self.options.runs)
            kept = {found["row"]: found for found in rows} | {title: row}
            self.keep("rows", [kept[name] for name, *_ in ROWS if name in kept])
            self.tell(title, row)

    def tell(self, title, row):
        if row.get("failed"):
            self.failures += 1
            return print(f"{title}: FAILED: {row['failed']}", flush=True)
        beside = f", {ratio(row):.3f} of nghttpd" if ratio(row) else ""
        print(f"{title}: {row['requests_per_second']:,.0f}/s, p50 {row['p50_ms']} ms, p99 {row['p99_ms']} ms, "
              f"{row['errors']} errors{beside}", flush=True)

    def idle(self):
        found = idle.measure()
        self.keep("idle", {**found, **self.mark})
        self.failures += "failed" in found
        print("\n".join(idle.table(found)[-3:]), flush=True)

    def floor(self):
        found = floor.measure(self.options.seconds)
        self.keep("floor", {**found, **self.mark})
        self.failures += "failed" in found
        print("\n".join(floor.table(found)), flush=True)

    def peers(self, nghttpd):
        found = peers.beside_grpc_swift(self.options.seconds) + peers.beside_sql(self.options.seconds, nghttpd)
        self.keep("peers", [{**row, **self.mark} for row in found])
        self.failures += sum("failed" in row for row in found)
        print("\n".join(peers.table(found)), flush=True)

    def keep(self, name, value):
        self.results[name] = value
        page.save(goals.BENCH, self.results)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="rows whose name or arguments have this text; idle, floor and peers are names too")
    parser.add_argument("--peers", action="store_true", help="also grpc-swift-2 and SQL by hand (building takes minutes)")
    parser.add_argument("--no-docs", action="store_true", help="do not write docs/performance.md; neither does a run with CUPO_BINARY")
    parser.add_argument("--render", action="store_true", help="measure nothing: write the page from .build/bench.json")
    options = parser.parse_args()
    if options.seconds < 1 or options.runs < 1:
        parser.error("--seconds and --runs are 1 at least")
    served.stop_what_was_started()
    run = Run(options)
    if not options.render:
        nghttpd = peers.Nghttpd()
        try:
            run.workloads(nghttpd)
            if run.wants("idle"):
                run.idle()
            if run.wants("floor"):
                run.floor()
            if options.peers and run.wants("peers"):
                run.peers(nghttpd)
        finally:
            nghttpd.stop()
        print(f"written: {goals.BENCH.relative_to(page.ROOT)}")
    if not run.results:
        sys.exit(f"bench: nothing was measured: nothing has \"{options.only}\" in its name")
    if options.render or not (options.no_docs or page.IS_TRIAL):
        write(run.results)
    sys.exit(1 if run.failures else 0)


if __name__ == "__main__":
    main()
