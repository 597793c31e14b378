"""How soon a server is ready that has many live holds. CUPO_HOLDS says how many: 5,000 unless set, `make soak` a million.

The store comes from an export that is written here, so the test knows nothing of how a store keeps it.
"""
import os
import subprocess
import time

from export_file import (
    BALANCE, END, EVENT, HEAD, POOL, PRODUCT, RESERVATION, RESOURCE, Fields, Writer, read, signed, text, varint)

from cupo_client import Cupo, line

HOLDS = int(os.environ.get("CUPO_HOLDS", "5000"))
SECONDS_MAX = 10


def run(binary, *arguments, seconds=600):
    done = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done


def test_a_foreign_reader_understands_an_export(server, binary, tmp_path):
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 100)
        for number in range(30):
            cupo.reserve(f"k{number}", line("seat"), buyer="bea")
    server.stop()
    run(binary, "export", tmp_path / "all", "--data", tmp_path / "data")
    records = list(read(tmp_path / "all"))
    counts = {kind: sum(1 for other, _ in records if other == kind) for kind, _ in records}
    assert (counts[RESOURCE], counts[PRODUCT], counts[RESERVATION], counts[EVENT]) == (1, 1, 30, 32)
    # Written again by the page, it is the same file.
    with open(tmp_path / "again", "wb") as file:
        writer = Writer(file)
        for kind, record in records:
            if kind != END:
                has_definition = kind in (RESOURCE, PRODUCT) or kind == EVENT and b'"sellerID"' in record
                writer.add(kind, record, has_definition)
        writer.finish()
    assert (tmp_path / "again").read_bytes() == (tmp_path / "all").read_bytes()


def write_holds(path, template, count):
    """The store of `template` with so many holds on its only pool, as a log that is behind its checkpoint."""
    records = list(read(template))
    head = Fields(next(record for kind, record in records if kind == HEAD))
    naming_key, _, next_event, decided = head.unsigned(), head.unsigned(), head.unsigned(), head.signed()
    now = time.time_ns() // 1_000
    pool = text("seat") + signed(0) + signed(count) + signed(0) + varint(count)
    draw = varint(1) + text("seat") + signed(0) + signed(1)
    sold = text("seat") + text("seller-1") + text("") + b"".join(map(signed, (1, 1, 0, 0, 0, 0))) + draw
    line_of = varint(1) + sold + signed(0) + varint(0)
    with open(path, "wb") as file:
        writer = Writer(file, version=1)
        writer.add(HEAD, b"".join((
            varint(naming_key), varint(count + 1), varint(next_event), signed(decided), varint(next_event - 1),
            varint(count), signed(0), signed(now), text("test"), b"\x00")))
        for kind, record in records:
            if kind in (RESOURCE, PRODUCT):
                writer.add(kind, record, True)
        writer.add(BALANCE, pool)
        writer.add(POOL, pool)
        for number in range(1, count + 1):
            # Held, for a day, in its first version.
            writer.add(RESERVATION, b"".join((
                b"\x01", varint(number), b"\x01\x00", text(f"b{number % 1000}"), text(""), text(f"k{number}"), signed(now),
                signed(86_400_000_000), varint(1), signed(0), line_of, varint(0))))
        writer.finish()


def test_a_server_with_many_live_holds_is_ready_soon(serve, binary, tmp_path):
    server = serve()
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 2 * HOLDS)
    server.stop()
    run(binary, "export", tmp_path / "template", "--data", tmp_path / "data")
    write_holds(tmp_path / "holds", tmp_path / "template", HOLDS)
    run(binary, "import", tmp_path / "holds", "--data", tmp_path / "many")
    begin = time.monotonic()
    server = serve(data=tmp_path / "many")
    seconds = time.monotonic() - begin
    print(f"{HOLDS} holds: ready after {seconds:.2f} s, {server.resident_bytes() // 1_000_000} MB")
    assert seconds < SECONDS_MAX
    with Cupo(server.address) as cupo:
        assert cupo.pools("seat") == {"seat": (2 * HOLDS, HOLDS, 0)}
        assert cupo.reserve(f"k{HOLDS}", line("seat"), buyer=f"b{HOLDS % 1000}").replayed
        assert not cupo.reserve("new", line("seat")).replayed
    server.stop()
