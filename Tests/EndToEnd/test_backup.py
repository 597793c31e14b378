"""Backup, restore, export and import by the command line, beside servers that sell meanwhile."""
import asyncio
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

import grpc
import pytest
from cupo.capacity.v1 import event_pb2

import crash_load
from cupo_client import Cupo, State, line, refusal
from stored_ledger import StoredLedger


def cupo_command(binary, *arguments, status=0, seconds=100):
    done = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, timeout=seconds)
    assert done.returncode == status, f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def verify(binary, data):
    return json.loads(cupo_command(binary, "verify", "--json", "--data", data).stdout)


class Load:
    """Sells on a server until it is told to end, in a thread; keeps the longest that a call took."""

    def __init__(self, book, address):
        self.book, self.address = book, address
        self.is_ending = False
        self.longest = 0.0
        self.calls = 0
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_ending = True
        self.thread.join()

    def _run(self):
        with Cupo(self.address) as cupo:
            while not self.is_ending:
                entry = self.book.new_request()
                start = time.monotonic()
                try:
                    entry.acknowledged = cupo.capacity.Reserve(entry.request, timeout=20).reservation
                except grpc.RpcError as error:
                    assert refusal(error).code == grpc.StatusCode.RESOURCE_EXHAUSTED, error
                self.longest = max(self.longest, time.monotonic() - start)
                self.calls += 1


@pytest.fixture
def book(rng):
    return crash_load.Book(rng)


def test_a_backup_beside_sales_is_one_state(serve, binary, tmp_path, book):
    server = serve()
    with Cupo(server.address) as cupo:
        book.put_catalogue(cupo)
    with Load(book, server.address) as load:
        for number in range(3):
            time.sleep(0.3)
            told = [key for key, entry in list(book.entries.items()) if entry.acknowledged]
            done = cupo_command(binary, "backup", tmp_path / f"copy-{number}", "--data", tmp_path / "data")
            assert "is a backup of" in done.stdout and done.stderr == ""
            stored = StoredLedger(tmp_path / f"copy-{number}").audit()
            keys = {key for _, key in stored.keys}
            assert keys.issuperset(told), "what was acknowledged before the backup began is not in it"
    assert load.calls > 50 and load.longest < 5
    assert sorted(file.name for file in tmp_path.iterdir()) == ["copy-0", "copy-1", "copy-2", "data"]
    server.stop()
    verify(binary, tmp_path / "data")


def test_a_backup_takes_nobodys_place(server, binary, tmp_path):
    (tmp_path / "mine").write_text("mine")
    done = cupo_command(binary, "backup", tmp_path / "mine", "--data", tmp_path / "data", status=5)
    assert "--overwrite" in done.stderr and (tmp_path / "mine").read_text() == "mine"
    cupo_command(binary, "backup", tmp_path / "mine", "--overwrite", "--data", tmp_path / "data")
    cupo_command(binary, "backup", tmp_path / "nowhere/at/all", "--data", tmp_path / "data", status=6)
    cupo_command(binary, "backup", tmp_path / "other", "--data", tmp_path / "no-data", status=6)


def test_a_restored_store_never_says_the_same_of_something_else(serve, binary, tmp_path):
    data, file = tmp_path / "data", tmp_path / "copy"
    server = serve()
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 100)
        kept = [cupo.reserve(f"kept-{n}", line("seat"), ttl=3_600).reservation for n in range(5)]
        cupo_command(binary, "backup", file, "--data", data)
        undone = [cupo.reserve(f"undone-{n}", line("seat"), ttl=3_600).reservation for n in range(5)]
        cupo.consume(kept[0].reservation_id)
        events, token = read_log(cupo)
        watch = cupo.watch("seat")
        seen = next(message.resume_token for message in watch if message.resume_token)
        watch.cancel()
        busy = cupo_command(binary, "restore", file, "--data", data, status=6)
        assert "stop the server first" in busy.stderr and str(server.pid) in busy.stderr
    server.stop()
    there = cupo_command(binary, "restore", file, "--data", data, status=5)
    assert "--replace" in there.stderr
    told = json.loads(cupo_command(binary, "restore", file, "--replace", "--data", data, "--json").stdout)
    assert pathlib.Path(told["kept_aside"]).exists()
    assert verify(binary, data)["differences"] == 0
    old = json.loads(cupo_command(
        binary, "verify", "--json", "--storage", f"sqlite:{told['kept_aside']}").stdout)
    assert (old["differences"], old["reservations"]) == (0, 10)

    with Cupo(serve().address) as cupo:
        assert cupo.pools("seat") == {"seat": (100, 5, 0)}
        assert cupo.get(kept[0].reservation_id).state == State.RESERVATION_STATE_HELD
        for gone in undone:
            with pytest.raises(grpc.RpcError) as caught:
                cupo.get(gone.reservation_id)
            assert refusal(caught.value).reason == "RESERVATION_NOT_FOUND"
        # The same keys again: what was undone is reserved anew, under other ids and codes.
        assert cupo.reserve("kept-1", line("seat"), ttl=3_600).replayed
        fresh = [cupo.reserve(f"undone-{n}", line("seat"), ttl=3_600) for n in range(5)]
        assert not any(answer.replayed for answer in fresh)
        names = {r.reservation_id for r in undone} | {r.code for r in undone}
        for answer in fresh:
            assert names.isdisjoint({answer.reservation.reservation_id, answer.reservation.code})
        # A relay that had read what is undone comes upon the entry that says so, and misses nothing.
        behind, _ = read_log(cupo, token)
        assert behind[0].type == event_pb2.EVENT_TYPE_REPAIRED and behind[0].actor == "operator", behind[0]
        assert [event.reservation.reservation_id for event in behind[1:]] == [
            answer.reservation.reservation_id for answer in fresh]
        assert {event.sequence for event in behind}.isdisjoint({event.sequence for event in events})
        # A watcher cannot know what the undone changes were.
        with pytest.raises(grpc.RpcError) as caught:
            next(cupo.watch("seat", resume_token=seen))
        assert refusal(caught.value).reason == "RESUME_TOKEN_COMPACTED"


def read_log(cupo, token=b""):
    request = event_pb2.WatchEventsRequest(resume_token=token, from_beginning=not token)
    stream = cupo.event.WatchEvents(request, timeout=20)
    events = []
    for message in stream:
        events += message.events
        if not message.events:
            stream.cancel()
            return events, message.resume_token


def test_a_restore_that_is_killed_leaves_a_whole_store(serve, binary, tmp_path, book, rng):
    """Whatever moment: the old store or the restored one, never anything between."""
    data, file = tmp_path / "data", tmp_path / "copy"
    server = serve()
    with Cupo(server.address) as cupo:
        book.put_catalogue(cupo)
        for _ in range(200):
            try:
                cupo.capacity.Reserve(book.new_request().request, timeout=20)
            except grpc.RpcError:
                pass
        cupo_command(binary, "backup", file, "--data", data)
        cupo.reserve("last", line("plenty"), ttl=3_600)
    server.kill()
    start = time.monotonic()
    cupo_command(binary, "restore", file, "--replace", "--data", data)
    took = time.monotonic() - start
    outcomes = set()
    for _ in range(12):
        process = subprocess.Popen(
            [binary, "restore", str(file), "--replace", "--data", str(data)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0, 1.2 * took))
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = verify(binary, data)
        assert found["differences"] == 0
        outcomes.add(found["events"])
    cupo_command(binary, "restore", file, "--replace", "--data", data)
    with Cupo(serve().address) as cupo:
        assert cupo.still_answers()


@pytest.mark.parametrize("kind", ["export", "text", "damaged"])
def test_what_is_no_backup_changes_nothing(server, binary, tmp_path, kind, rng):
    data, file = tmp_path / "data", tmp_path / "copy"
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 100)
        for number in range(50):
            cupo.reserve(f"k{number}", line("seat"), reference="x" * 128, ttl=3_600)
    server.stop()
    if kind == "export":
        cupo_command(binary, "export", file, "--data", data)
    elif kind == "text":
        file.write_text("once upon a time there was a store\n")
    else:
        cupo_command(binary, "backup", file, "--data", data)
        content = bytearray(file.read_bytes())
        for place in range(len(content) // 2, len(content), 64):
            content[place] ^= 0xFF
        file.write_bytes(content)
    before = (data / "cupo.db").read_bytes()
    done = cupo_command(binary, "restore", file, "--replace", "--data", data, status=6)
    assert str(file) in done.stderr or "restoring" in done.stderr
    assert "nothing was changed" in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
    assert (data / "cupo.db").read_bytes() == before


def test_an_export_is_the_whole_store(serve, binary, tmp_path, book):
    data, file, other = tmp_path / "data", tmp_path / "all.cupo", tmp_path / "new/place"
    server = serve()
    with Cupo(server.address) as cupo:
        book.put_catalogue(cupo)
    with Load(book, server.address):
        time.sleep(1)
        cupo_command(binary, "export", file, "--data", data)
    refused = cupo_command(binary, "import", file, "--data", other, status=5)
    assert "--put-back" in refused.stderr and not (other / "cupo.db").exists()
    cupo_command(binary, "import", file, "--put-back", "--data", tmp_path / "live")
    assert verify(binary, tmp_path / "live")["differences"] == 0
    server.stop()

    cupo_command(binary, "export", file, "--overwrite", "--data", data)
    done = cupo_command(binary, "import", file, "--data", other)
    assert "as the export says" in done.stdout
    before, after = (StoredLedger(folder / "cupo.db").audit() for folder in (data, other))
    for name in ("pools", "reservations", "events", "keys"):
        assert getattr(before, name) == getattr(after, name), name
    assert cupo_command(binary, "verify", "--data", data).stdout == cupo_command(
        binary, "verify", "--data", other).stdout
    again = cupo_command(binary, "import", file, "--data", other, status=5)
    assert "there is a store" in again.stderr

    # It goes on as if nothing had happened: same ids, same keys.
    entries = [entry for entry in book.entries.values() if entry.acknowledged][:50]
    answers = asyncio.run(crash_load.replay(entries, serve(data=other).address))
    for entry, answer in zip(entries, answers, strict=True):
        assert answer.replayed and answer.reservation.reservation_id == entry.acknowledged.reservation_id


def test_a_damaged_export_leaves_nothing_behind(server, binary, tmp_path, rng):
    data, file, other = tmp_path / "data", tmp_path / "all.cupo", tmp_path / "other"
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 100)
        for number in range(20):
            cupo.reserve(f"k{number}", line("seat"))
    server.stop()
    cupo_command(binary, "export", file, "--data", data)
    content = bytearray(file.read_bytes())
    content[rng.randrange(20, len(content))] ^= 1 << rng.randrange(8)
    file.write_bytes(content)
    done = cupo_command(binary, "import", file, "--data", other, status=6)
    assert "export" in done.stderr
    assert [name for name in os.listdir(other) if not name.endswith(".lock")] == []
    file.write_bytes(bytes(content[: len(content) // 2]))
    cupo_command(binary, "import", file, "--data", other, status=6)


def test_migrate_says_from_and_to(server, binary, tmp_path):
    data = tmp_path / "data"
    busy = cupo_command(binary, "migrate", "--data", data)
    assert re.search(r"has version \S+, the newest", busy.stdout)
    cupo_command(binary, "migrate", "--data", tmp_path / "none", status=6)


def test_long_work_draws_a_bar_on_a_terminal(server, binary, tmp_path):
    """By a terminal of its own, 60 columns wide: whatever is drawn fits, and is cleared at the end."""
    import fcntl
    import pty
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    process = subprocess.Popen(
        [binary, "verify", "--data", str(tmp_path / "data")], stdout=subprocess.PIPE, stderr=slave, text=True,
        env={**os.environ, "TERM": "xterm"})
    output, _ = process.communicate(timeout=30)
    os.close(slave)
    assert process.returncode == 0 and output.startswith("all counters")
    os.set_blocking(master, False)
    try:
        drawn = os.read(master, 1 << 16).decode()
    except (BlockingIOError, OSError):
        drawn = ""
    os.close(master)
    assert all(len(part) < 60 for part in drawn.replace("\x1b[K", "").split("\r"))
