"""What the parts alone can do on this machine: calls that do nothing, and rows that SQLite stores while nothing else is done.

What follows is about what a service comes to that takes one call for each reservation through this runtime, stores it durably as two rows of
SQLite, a statement for each, and decides, looks up and encodes nothing. Each part is measured several times, and the best of each counts. Not a
proof: several rows in a statement take a tenth less, and moving pages into the database is left out.
"""
import json
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile
import time

import peers
import served

ROUNDS = 3
# Bytes of a reservation and of the event about it, as `avg(length(body))` has them after `cupo bench reserve-hot --keys random`.
ROW_BYTES, EVENT_BYTES = 158, 216
# Reservations of one commit. A crowd is committed in two halves; BatchReserves come eight thousand at once, of which a commit takes half.
BATCHES = [1, 32, 256, 4_000]
IN_FLIGHT = [1, 64, 512]
AGAIN = 256
BUILD_PATIENCE = 3_600
PRODUCTS = {name: served.ROOT / f".build/release/{name}" for name in ("echo-server", "commit-floor")}


def measure(seconds):
    """Commits by their size, and echoes by how many are in flight; `failed` says why there are none."""
    try:
        missing = [tool for tool in ("h2load", "swift") if not shutil.which(tool)]
        if missing:
            raise served.NotServed(f"{missing[0]} is missing")
        for product in PRODUCTS:
            status, output, errors = served.run(["swift", "build", "-c", "release", "--product", product], BUILD_PATIENCE)
            if status:
                raise served.NotServed(f"{product} does not build: {(output + errors).strip()[-200:]}")
        commits = {str(batch): best(lambda: commit(batch, seconds)) for batch in BATCHES}
        again = best(lambda: commit(AGAIN, seconds, "again"))
        return {"commits": commits, "again": again, "echoes": echoes(seconds), "cores": os.cpu_count(), "seconds": seconds}
    except (served.NotServed, OSError, ValueError, IndexError) as failure:
        return {"failed": str(failure)}


def best(measured):
    """Of several runs the fastest, with the shortest latencies of all."""
    runs = [measured() for _ in range(ROUNDS)]
    found = max(runs, key=lambda run: run["reservations_per_second"])
    return found | {name: min(run[name] for run in runs) for name in ("commit_p50_ms", "commit_p99_ms")}


def commit(batch, seconds, *words):
    with tempfile.TemporaryDirectory(prefix="cupo-floor-") as folder:
        command = [str(PRODUCTS["commit-floor"]), folder, str(batch), str(seconds), str(ROW_BYTES), str(EVENT_BYTES), *words]
        status, output, errors = served.run(command, 60 + 10 * seconds)
        if status:
            raise served.NotServed(errors.strip()[-200:])
        return json.loads(output)


def echoes(seconds):
    """Of each number in flight the rate, and the processor time of a call in µs."""
    with tempfile.TemporaryDirectory(prefix="cupo-floor-") as folder:
        message = pathlib.Path(folder) / "message"
        message.write_bytes(peers.MESSAGE)
        server = subprocess.Popen([PRODUCTS["echo-server"]], stdout=subprocess.PIPE, text=True)
        try:
            address = server.stdout.readline().split("address=")[1].split()[0]
            runs = {count: [echo(server.pid, address, message, count, seconds) for _ in range(ROUNDS)] for count in IN_FLIGHT}
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()
    return {str(count): max(found, key=lambda run: run["calls_per_second"]) for count, found in runs.items()}


def echo(server, address, message, count, seconds):
    connections = min(8, count)
    used, began = (served.cpu_seconds(server), children()), time.monotonic()
    rate = peers.h2load(f"http://{address}/bench.Echo/Echo", message, connections, count // connections, seconds)
    took = time.monotonic() - began
    calls = rate * took
    return {"calls_per_second": rate, "server_us": 1e6 * (served.cpu_seconds(server) - used[0]) / calls,
            "generator_us": 1e6 * (children() - used[1]) / calls}


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def limits(found):
    """What the parts come to, by goals; nothing where they were not measured."""
    if not found or found.get("failed"):
        return {}
    commits, echoes = found["commits"], found["echoes"]
    one = 1 / (1 / echoes["1"]["calls_per_second"] + 1 / commits["1"]["reservations_per_second"])
    return {
        "one": one,
        "64": in_turns(found, echoes["64"], commits["32"]),
        "512": in_turns(found, echoes["512"], commits["256"]),
        "consume": in_turns(found, echoes["512"], found["again"]),
        "batch": commits["4000"]["reservations_per_second"],
        "read 64": echoes["64"]["calls_per_second"],
        "read 512": echoes["512"]["calls_per_second"],
        "p50": commits["32"]["commit_p50_ms"],
        "p99": commits["32"]["commit_p99_ms"],
        "p99 512": commits["256"]["commit_p99_ms"],
    }


def in_turns(found, echo, commit):
    """Reservations a second where one half of the calls is committed while the other is answered and asks again: as many as the thread that
    commits can, and as the processors can if none ever waits."""
    processor_us = echo["server_us"] + echo["generator_us"] + commit["processor_us_per_reservation"]
    return min(commit["reservations_per_second"], found["cores"] * 1e6 / processor_us)


def table(found):
    """As Markdown."""
    if found.get("failed"):
        return [f"The parts alone could not be measured: {found['failed']}"]
    lines = ["| SQLite alone, reservations a commit | reservations/s | commit p50 ms | p99 ms | processor time of each, µs |",
             "|---|---|---|---|---|"]
    sizes = [*found["commits"].values(), found["again"]]
    for size in sizes:
        name = f"{size['batch']:,}" + (", written again" if size["rows_again"] else "")
        lines.append(f"| {name} | {size['reservations_per_second']:,.0f} | {size['commit_p50_ms']:.2f} | {size['commit_p99_ms']:.2f} | "
                     f"{size['processor_us_per_reservation']:.2f} |")
    lines += ["", "| an echo by h2load, in flight | calls/s | server, µs | generator, µs |", "|---|---|---|---|"]
    for count, echo in found["echoes"].items():
        lines.append(f"| {count} | {echo['calls_per_second']:,.0f} | {echo['server_us']:.1f} | {echo['generator_us']:.1f} |")
    return lines
