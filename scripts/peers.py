"""What `make bench` sets Cupo beside: nghttpd, which every figure is a ratio to, and with `--peers` grpc-swift-2 and SQL written by hand."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import served

PORT = 18094
# Building grpc-swift-2 takes minutes, more on a slow machine.
PATIENCE = 3_600
# A gRPC message of 111 bytes: flag, length, and a field with 109 letters.
MESSAGE = b"\0\0\0\0\x6f\x0a\x6d" + b"x" * 109


def h2load(address, message, connections, streams, seconds):
    """Calls a second that `address` answers, each with the file `message`, after a second of warming up."""
    status, output, errors = served.run(
        ["h2load", "-c", str(connections), "-m", str(streams), "-t", "1", "-D", str(seconds), "--warm-up-time", "1", "-d", str(message),
         "-H", "content-type: application/grpc", "-H", "te: trailers", address], 60 + 10 * seconds)
    finished = [line for line in output.splitlines() if line.startswith("finished in")]
    rate = float(finished[0].split(",")[1].split()[0]) if finished else 0
    if status or not rate or " 0 failed, 0 errored, 0 timeout" not in output:
        raise served.NotServed(f"h2load: {(errors or output).strip()[-200:]}")
    return rate


class Nghttpd:
    """nghttpd, shaped as a unary call: a file of 111 bytes to a POST of as many, with gRPC's trailer."""

    def __init__(self):
        self.process = None
        if not all(map(shutil.which, ("nghttpd", "h2load"))):
            print("bench: nghttpd or h2load is missing; there will be no ratios", file=sys.stderr)
            return
        self.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self.folder.name)
        self.message = folder / "message"
        self.message.write_bytes(MESSAGE)
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
        try:
            rate = h2load(f"http://127.0.0.1:{PORT}/Echo", self.message, 8, 64, 2)
        except served.NotServed as failure:
            print(f"bench: nghttpd could not be measured: {failure}", file=sys.stderr)
            return None
        return rate if self.process.poll() is None else None

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.folder.cleanup()


def script(arguments, **environment):
    """The lines of JSON that a script writes, and why it failed (None: it did not)."""
    with tempfile.TemporaryDirectory(prefix="cupo-peers-") as folder:
        lines = pathlib.Path(folder) / "lines"
        try:
            status, output, errors = served.run(arguments, PATIENCE, BENCH_JSON=str(lines), **environment)
        except served.NotServed as reason:
            status, output, errors = 1, "", str(reason)
        found = [json.loads(line) for line in lines.read_text().splitlines()] if lines.exists() else []
    if status == 0:
        return found, None
    told = [line for line in (output + "\n" + errors).splitlines() if line.strip()]
    return found, told[-1].strip()[:200] if told else f"status {status}"


def beside_grpc_swift(seconds):
    """A unary echo of 111 bytes: Cupo's runtime and grpc-swift-2, each server on a core of its own."""
    found, reason = script(["scripts/bench-rpc.sh", str(seconds), "3"], PEERS="1")
    rates = {line["server"]: line["requests_per_second"] for line in found}
    row = {"peer": "grpc-swift-2, unary echo", "cupo_is": "Cupo's runtime, the same echo",
           "requests_per_second": rates.get("grpc-swift-2"), "cupo": rates.get("cupo"), "nghttpd": rates.get("nghttpd")}
    if reason or None in row.values():
        row["failed"] = reason or "one of the servers was not measured"
    return [row]


def beside_sql(seconds, nghttpd):
    """Reserves on one PostgreSQL: a statement by hand and Cupo, on one pool and on 10,000."""
    rate = nghttpd.rate()
    found, reason = script(["scripts/bench-postgres.sh", str(seconds), "512"])
    rows = []
    for pools, name in ((1, "one pool"), (10_000, "10,000 pools")):
        line = next((line for line in found if line["pools"] == pools), None)
        row = {"peer": f"SQL by hand on PostgreSQL, {name}, 16 clients", "cupo_is": "Reserve on the same PostgreSQL, 512 in flight",
               "pools": pools, "nghttpd": rate, "requests_per_second": None, "cupo": None}
        if line:
            row |= {"requests_per_second": line["sql"], "cupo": line["cupo"]["requests_per_second"], "cupo_run": line["cupo"]}
        else:
            row["failed"] = reason or "it was not measured"
        rows.append(row)
    return rows


def table(rows):
    """The rows as Markdown."""
    lines = ["| peer | requests/s | to nghttpd | beside it | requests/s | Cupo makes as many times |", "|---|---|---|---|---|---|"]
    for row in rows:
        if row.get("failed"):
            lines.append(f"| {row['peer']} | failed: {row['failed'].replace('|', '/')} | - | {row['cupo_is']} | - | - |")
            continue
        own, peer, ceiling = row["cupo"], row["requests_per_second"], row["nghttpd"]
        ratio = f"{peer / ceiling:.3f}" if ceiling else "-"
        lines.append(f"| {row['peer']} | {peer:,.0f} | {ratio} | {row['cupo_is']} | {own:,.0f} | {own / peer:.2f} |")
    return lines
