"""The steps of scripts/growth.py: a store that grows, many pools, many connections. Each measures one row; what cannot be is Refused."""
import json
import pathlib
import resource
import shutil
import time

import idle
import served

BATCH = 1_000
# A fill goes in parts, so that it can be followed and its token stays good.
FILL_PART = 1_000_000
# What a reservation is taken to need before any was measured, in bytes.
DISK_EACH, MEMORY_EACH = 1_500, 1_200
HOLD = "24h"
# No single figure takes longer, in seconds.
PATIENCE = 7_200


class Refused(Exception):
    """A sentence that says what could not be done, and by whom."""


def bench(arguments, **environment):
    """What `cupo bench` says."""
    try:
        status, output, errors = served.run([served.CUPO, "bench", *map(str, arguments), "--json"], PATIENCE, **environment)
    except served.NotServed as reason:
        raise Refused(f"cupo bench {arguments[0]}: {reason}") from None
    if status == 0:
        found = json.loads(output)
        if not found["calls"]:
            raise Refused(f"cupo bench {arguments[0]}: no call was answered while it counted")
        return found
    try:
        text = json.loads(errors)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        text = errors.strip().splitlines()[-1] if errors.strip() else f"status {status}"
    raise Refused(f"cupo bench {arguments[0]}: {text[:300]}")


def start(data, patience=900):
    try:
        return served.Server(data, patience)
    except served.NotServed as reason:
        raise Refused(str(reason)) from None


class GrowingStore:
    """One store that reservations are added to, and a server on it. All that it has reserved is held for 24 hours, what was measured too,
    so `holds` is how many are live."""

    def __init__(self, folder, pools, seconds, pause):
        self.folder, self.pools, self.seconds, self.pause = pathlib.Path(folder), pools, seconds, pause
        self.server, self.holds, self.number = None, 0, 0
        # What the store took without holds, and at the step before.
        self.base, self.before = None, None

    def close(self):
        if self.server:
            self.server.stop()
            shutil.rmtree(self.server.data)
            self.server = None

    def step(self, wanted):
        """Brings the store to `wanted` holds, and measures. A store that has more by its own measurements is begun anew."""
        if not self.server or self.server.process.poll() is not None or self.holds > wanted:
            self.begin()
        fill = self.fill(wanted - self.holds)
        row = {"present": self.holds, **fill, **self.memory_running()}
        row |= self.restart()
        for name, arguments in (("single", ["reserve-uniform", "--in-flight", 1, "--pools", self.pools]),
                                ("uniform", ["reserve-uniform", "--in-flight", 512, "--keys", "random", "--pools", self.pools]),
                                ("hot", ["reserve-hot", "--in-flight", 512, "--keys", "random"])):
            row[name] = self.measure(arguments)
        return row | {"present_after": self.holds}

    def begin(self):
        self.close()
        self.number += 1
        self.holds, self.base, self.before = 0, None, None
        self.server = start(self.folder / f"store-{self.number}")
        # The pools are there before anything is compared with anything.
        self.reserve(["reserve-uniform", "--in-flight", 1, "--pools", self.pools, "--requests", 1])
        self.memory_running()
        self.restart()
        self.base = dict(self.before)

    def run(self, arguments):
        shop = "hot" if arguments[0] == "reserve-hot" else "growth"
        found = bench([*arguments, "--ttl", HOLD, "--shop", shop, "--target", self.server.address, "--data", self.server.data])
        self.holds += found["successes"]
        return found

    def reserve(self, arguments):
        return self.run([*arguments, "--warm-up", "0s", "--duration", "1h"])

    def measure(self, arguments):
        return self.run([*arguments, "--warm-up", "1s", "--duration", f"{self.seconds}s"])

    def fill(self, count):
        """Adds reservations the fastest public way. Calls that the server is too busy for are made again, with fewer at once."""
        self.refuse_what_does_not_fit(count)
        wanted, took, calls = max(0, count), 0.0, 8
        while count > 0:
            part = min(count // BATCH * BATCH, FILL_PART) or count
            arguments = ["batch-reserve" if part >= BATCH else "reserve-uniform", "--in-flight", calls, "--connections", min(calls, 2)]
            found = self.reserve([*arguments, "--pools", self.pools, "--requests", part])
            took += found["seconds"]
            count -= found["successes"]
            if found["successes"] < part:
                print(f"  {part - found['successes']:,} of {part:,} were refused ({found['first_error']})", flush=True)
                if calls == 1 and found["successes"] == 0:
                    raise Refused(f"the server takes no more reservations: {found['first_error']}")
                calls = max(1, calls // 2)
            elif part == FILL_PART:
                print(f"  {self.holds:,} reservations, {part / found['seconds']:,.0f}/s", flush=True)
        return {"filled": wanted, "fill_seconds": round(took, 2)}

    def refuse_what_does_not_fit(self, count):
        base, made = self.base, self.before["holds"] - self.base["holds"]
        disk = DISK_EACH if made < 1_000 else 2 * (self.before["bytes"] - base["bytes"]) / made
        memory = MEMORY_EACH if made < 1_000 else (self.before["running"] - base["running"]) / made
        free = shutil.disk_usage(self.folder).free
        if count * disk > free:
            raise Refused(f"{count:,} more reservations need some {count * disk / 1e9:.1f} GB of disk, and {free / 1e9:.1f} are free")
        lines = pathlib.Path("/proc/meminfo").read_text().splitlines()
        available = int(next(line for line in lines if line.startswith("MemAvailable")).split()[1]) * 1_024
        if count * memory > available:
            raise Refused(f"{count:,} more reservations need some {count * memory / 1e9:.1f} GB of memory, and {available / 1e9:.1f} are free")

    def memory_running(self):
        """Resident after a pause, and what each hold since the step before has added."""
        time.sleep(self.pause)
        resident = self.server.memory()
        found = {"resident": resident}
        if self.before and self.holds > self.before["holds"]:
            found["resident_per_hold"] = round((resident - self.before["running"]) / (self.holds - self.before["holds"]), 1)
        return found

    def restart(self):
        """How large the file is, how soon a server is back on it, and what memory that one has."""
        data = self.server.data
        running = self.server.memory()
        self.server.stop()
        size = sum(file.stat().st_size for file in data.iterdir())
        bearer = served.token(data)
        self.server = start(data)
        served.call(self.server.address, idle.LIST_PRODUCTS, bearer)
        answered = time.monotonic() - self.server.began
        time.sleep(self.pause)
        fresh = self.server.memory()
        found = {"bytes": size, "ready_seconds": round(self.server.ready_seconds, 4), "first_answer_seconds": round(answered, 4),
                 "resident_fresh": fresh}
        if self.base and self.holds > self.base["holds"]:
            since = self.holds - self.base["holds"]
            found |= {"bytes_per_hold": round((size - self.base["bytes"]) / since, 1),
                      "resident_fresh_per_hold": round((fresh - self.base["fresh"]) / since, 1)}
        self.before = {"running": running, "fresh": fresh, "bytes": size, "holds": self.holds}
        return found


def with_pools(folder, pools, seconds, runs):
    """One server of the command's own for each number of pools."""
    began = time.monotonic()
    found = bench(["reserve-uniform", "--in-flight", 512, "--keys", "random", "--pools", pools, "--warm-up", "1s",
                   "--duration", f"{seconds}s", "--runs", runs], TMPDIR=str(folder))
    return {"reserve": found, "all_seconds": round(time.monotonic() - began, 1)}


def with_connections(folder, connections, calls, seconds, runs):
    """A server for each number of connections, and what memory it had at most."""
    refuse_connections(connections)
    data = pathlib.Path(folder) / f"connections-{connections}-{calls}"
    with start(data) as server:
        idle_bytes, before = server.memory(), server.cpu_seconds()
        found = bench(["reserve-hot", "--in-flight", calls, "--connections", connections, "--keys", "random", "--warm-up", "1s",
                       "--duration", f"{seconds}s", "--runs", runs, "--target", server.address, "--data", data])
        seconds = server.cpu_seconds() - before
        row = {"reserve": found, "server_microseconds_each": round(1e6 * seconds / max(1, found["successes"]), 2),
               "generator_microseconds_each": round(1e6 * found["generator_cpu_seconds"] / max(1, found["requests"]), 2), "resident_idle": idle_bytes, "resident_most": server.memory("VmHWM")}
    shutil.rmtree(data)
    return row


def refuse_connections(connections):
    """What one process, or one pair of addresses, may not have."""
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    spare = 200
    if descriptors != resource.RLIM_INFINITY and connections + spare > descriptors:
        raise Refused(f"this machine lets a process have {descriptors:,} descriptors (ulimit -Hn), and {connections:,} connections need "
                      f"{connections + spare:,}")
    low, high = map(int, pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    if connections > high - low:
        raise Refused(f"this machine has {high - low:,} ports for connections to one address (ip_local_port_range)")
