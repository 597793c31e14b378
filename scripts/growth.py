#!/usr/bin/env python3
"""Measures what Cupo costs as work grows: with more reservations present, more pools, more connections. Writes the tables and curves of
docs/performance.md and .build/growth.json.

    scripts/growth.py [--only reservations|pools|connections] [--seconds 3] [--runs 3] [--pause 10] [--folder DIR] [--quick] [--render]

10 million reservations need some 15 GB of disk in --folder (TMPDIR unless said) and 15 GB of memory. --quick takes a hundredth of all
sizes and writes no page; --render writes the page from .build/growth.json without measuring. What the machine refuses is said in the row
that it refused. Status 1: something was refused, or failed.
"""
import argparse
import resource
import sys
import tempfile
import time
import traceback

import charts
import goals
import growth_steps
import growth_text
import page
import peers
import served

PRESENT = [0, 10_000, 1_000_000, goals.PRESENT]
POOLS = [10, 100, 1_000, 10_000, 100_000]
# Connections and calls in flight: a connection takes 1,000, and each has one at least.
CONNECTIONS = [(1, 1_000), (10, 1_000), (100, 1_000), (1_000, 1_000), (100, 10_000), (1_000, 10_000), (10_000, 10_000)]


def quick(sizes):
    """A hundredth of each, once; nought stays."""
    return list(dict.fromkeys(size and max(1, size // 100) for size in sizes))


class Run:
    """What was measured before, and what is now; saved after each step, so that an end in the middle loses one step."""

    def __init__(self, options):
        self.options = options
        self.results = {} if options.quick else page.load(goals.GROWTH)
        self.path = page.ROOT / ".build/growth-quick.json" if options.quick else goals.GROWTH
        self.mark = {"date": time.strftime("%Y-%m-%d", time.gmtime()), "commit": page.commit()}
        self.failures = 0

    def part(self, name, steps):
        """Carries out the steps of a part; each is what it is to be and a function that measures it."""
        rows = []
        for head, measure in steps:
            print(f"{name}: {', '.join(f'{key} {value:,}' for key, value in head.items())}", flush=True)
            row = dict(head)
            try:
                row |= measure()
            except growth_steps.Refused as refusal:
                row["failed"] = str(refusal)
                self.failures += 1
            except Exception as error:  # What took an hour is not lost by one step that went wrong.
                traceback.print_exc()
                row["failed"] = f"{type(error).__name__}: {error}"
                self.failures += 1
            print(f"  {growth_text.told(row)}", flush=True)
            rows.append(row)
            self.results[name] = {**self.mark, "seconds_asked": self.options.seconds, "rows": rows}
            page.save(self.path, self.results)

    def nghttpd(self):
        """What HTTP/2 alone costs, in the same run."""
        beside = peers.Nghttpd()
        try:
            self.results["nghttpd"] = beside.rate()
        finally:
            beside.stop()


def measure(run, folder):
    options = run.options
    wanted = [options.only] if options.only else ["reservations", "pools", "connections"]
    run.nghttpd()
    if "reservations" in wanted:
        store = growth_steps.GrowingStore(folder, pools=100 if options.quick else 10_000, seconds=options.seconds, pause=options.pause)
        try:
            sizes = quick(PRESENT) if options.quick else PRESENT
            run.part("reservations", [({"wanted": size}, lambda size=size: store.step(size)) for size in sizes])
        finally:
            store.close()
    if "pools" in wanted:
        sizes = quick(POOLS) if options.quick else POOLS
        run.part("pools", [({"pools": size}, lambda size=size: growth_steps.with_pools(folder, size, options.seconds, options.runs))
                           for size in sizes])
    if "connections" in wanted:
        sizes = CONNECTIONS
        if options.quick:
            sizes = list(dict.fromkeys((max(1, connections // 100), max(10, calls // 100)) for connections, calls in CONNECTIONS))
        run.part("connections", [
            ({"connections": connections, "in_flight": calls},
             lambda connections=connections, calls=calls: growth_steps.with_connections(
                 folder, connections, calls, options.seconds, options.runs)) for connections, calls in sizes])


def write(results):
    """The page from the results."""
    lines = []
    for name, drawing, text in (
            ("reservations", growth_text.reservation_curves, growth_text.reservations),
            ("pools", growth_text.pool_curves, growth_text.pools),
            ("connections", growth_text.connection_curves, growth_text.connections)):
        part = results.get(name)
        if not part:
            continue
        title, description, x_title, labels, panels = drawing(part["rows"])
        page.chart(f"growth-{name}", charts.curves(title, description, x_title, labels, panels))
        lines += [f"### {title}", "", page.measured([part]) + f" Each figure over {part['seconds_asked']} s.", "",
                  f"![{title}; the table below has the figures](charts/growth-{name}.svg)", "", *text(part["rows"]), ""]
    if results.get("nghttpd"):
        lines.append(f"nghttpd before these runs: {results['nghttpd']:,.0f} requests/s.")
    page.write("growth", lines or ["Not measured yet."])
    print(goals.write())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=["reservations", "pools", "connections"])
    parser.add_argument("--seconds", type=int, default=3, help="how long each figure is measured")
    parser.add_argument("--runs", type=int, default=3, help="how often, with pools and connections; the one in the middle is told")
    parser.add_argument("--pause", type=int, default=10, help="seconds before memory is read")
    parser.add_argument("--folder", help="where the stores go; a disk that syncs, or the figures mean nothing")
    parser.add_argument("--quick", action="store_true", help="a hundredth of all sizes, for trying; writes no page")
    parser.add_argument("--render", action="store_true", help="measure nothing: write the page from .build/growth.json")
    options = parser.parse_args()
    if min(options.seconds, options.runs) < 1 or options.pause < 0:
        parser.error("--seconds and --runs are 1 at least, --pause is no less than 0")
    if options.quick and options.render:
        parser.error("--quick writes no page, so there is nothing to --render")
    served.stop_what_was_started()
    run = Run(options)
    if not options.render:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        with tempfile.TemporaryDirectory(prefix="cupo-growth-", dir=options.folder) as folder:
            measure(run, folder)
        print(f"written: {run.path.relative_to(page.ROOT)}")
    if not run.results:
        sys.exit("growth: nothing was measured yet")
    if options.render or not (options.quick or page.IS_TRIAL):
        write(run.results)
    sys.exit(1 if run.failures else 0)


if __name__ == "__main__":
    main()
