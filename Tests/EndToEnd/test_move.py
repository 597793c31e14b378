"""A store moves from a file to PostgreSQL and back by the command line: ids, keys and the log stay what they are."""
import asyncio
import json

import grpc
import pytest

import crash_load
from cupo_client import Cupo, inventory, line
from stored_ledger import StoredLedger
from test_backup import Load, cupo_command


def verify(binary, *place):
    return json.loads(cupo_command(binary, "verify", "--json", *place).stdout)


def sell(server, book, count=150):
    """Sales of every kind, and an adjustment."""
    with Cupo(server.address) as cupo:
        book.put_catalogue(cupo)
        cupo.inventory.AdjustStock(inventory.AdjustStockRequest(
            resource_id="plenty", delta=-7, reason="broken", request_id="adjusted"), timeout=20)
        for number in range(count):
            entry = book.new_request()
            try:
                entry.acknowledged = cupo.capacity.Reserve(entry.request, timeout=20).reservation
                if number % 3 != 0:
                    act = cupo.consume if number % 3 == 1 else cupo.release
                    act(entry.acknowledged.reservation_id)
            except grpc.RpcError as error:
                # Sold out, or run out already.
                assert error.code() in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.FAILED_PRECONDITION), error


@pytest.fixture
def book(rng):
    return crash_load.Book(rng)


def schemas(postgres):
    return postgres.query("SELECT coalesce(string_agg(nspname, ' '), '') FROM pg_namespace WHERE nspname LIKE 'cupo%'")


def test_a_store_moves_from_a_file_to_postgres_and_back(serve, binary, postgres, tmp_path, book):
    data, file, back = tmp_path / "data", tmp_path / "all.cupo", tmp_path / "back"
    there = ("--storage", postgres.address)
    server = serve()
    sell(server, book)
    server.stop()
    cupo_command(binary, "export", file, "--data", data)
    done = cupo_command(binary, "import", file, *there)
    assert "as the export says" in done.stdout
    assert schemas(postgres) == "cupo"
    assert "the newest" in cupo_command(binary, "migrate", *there).stdout
    cupo_command(binary, "backup", tmp_path / "copy", *there, status=2)
    assert verify(binary, *there) == verify(binary, "--data", data)
    again = cupo_command(binary, "import", file, *there, status=5)
    assert "already" in again.stderr

    # Back in a file it is what it was, byte by byte where the store is read without Cupo.
    cupo_command(binary, "export", tmp_path / "again.cupo", *there)
    cupo_command(binary, "import", tmp_path / "again.cupo", "--data", back)
    before, after = (StoredLedger(folder / "cupo.db").audit() for folder in (data, back))
    for name in ("pools", "reservations", "events", "keys"):
        assert getattr(before, name) == getattr(after, name), name

    # Several servers go on with it: the same keys are the same reservations, new ones are numbered on.
    nodes = [serve(data=tmp_path / f"node{number}", storage=postgres.address) for number in range(2)]
    entries = [entry for entry in book.entries.values() if entry.acknowledged][:50]
    for node in nodes:
        answers = asyncio.run(crash_load.replay(entries, node.address))
        for entry, answer in zip(entries, answers, strict=True):
            assert answer.replayed and answer.reservation.reservation_id == entry.acknowledged.reservation_id
    known = {entry.acknowledged.reservation_id for entry in book.entries.values() if entry.acknowledged}
    with Cupo(nodes[0].address) as cupo:
        new = {cupo.reserve(f"new-{n}", line("plenty")).reservation.reservation_id for n in range(20)}
    assert len(new) == 20 and known.isdisjoint(new)
    for node in nodes:
        node.stop()
    assert verify(binary, *there)["differences"] == 0


def test_an_export_of_a_served_database_says_so(serve, binary, postgres, tmp_path, book):
    file, there = tmp_path / "all.cupo", ("--storage", postgres.address)
    server = serve(data=tmp_path / "node", storage=postgres.address)
    with Cupo(server.address) as cupo:
        book.put_catalogue(cupo)
    with Load(book, server.address) as load:
        cupo_command(binary, "export", file, *there)
    assert load.calls
    refused = cupo_command(binary, "import", file, "--data", tmp_path / "file", status=5)
    assert "--put-back" in refused.stderr
    cupo_command(binary, "import", file, "--put-back", "--data", tmp_path / "file")
    assert verify(binary, "--data", tmp_path / "file")["differences"] == 0
    server.stop()
    cupo_command(binary, "export", file, "--overwrite", *there)
    cupo_command(binary, "import", file, "--data", tmp_path / "other")
    assert verify(binary, "--data", tmp_path / "other") == verify(binary, *there)


def test_a_damaged_export_leaves_no_store_in_the_database(serve, binary, postgres, tmp_path, book, rng):
    data, file, there = tmp_path / "data", tmp_path / "all.cupo", ("--storage", postgres.address)
    server = serve()
    sell(server, book, 20)
    server.stop()
    cupo_command(binary, "export", file, "--data", data)
    whole = file.read_bytes()
    content = bytearray(whole)
    content[rng.randrange(len(content) // 2, len(content))] ^= 1 << rng.randrange(8)
    file.write_bytes(content)
    cupo_command(binary, "import", file, *there, status=6)
    assert schemas(postgres) == ""
    cupo_command(binary, "migrate", *there, status=6)
    file.write_bytes(whole)
    cupo_command(binary, "import", file, *there)
    assert verify(binary, *there) == verify(binary, "--data", data)


def test_closed_reservations_go_on_postgres_too(serve, binary, postgres, tmp_path):
    """By the retention of the server: nothing is old enough to go, and verify goes on finding what is missing."""
    server = serve(data=tmp_path / "node", storage=postgres.address, options=("--keep-reservations", "2d"))
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 100)
        held = [cupo.reserve(f"k{n}", line("seat"), ttl=3_600).reservation for n in range(6)]
        for reservation in held[:3]:
            cupo.release(reservation.reservation_id)
    server.stop()
    there = ("--storage", postgres.address)
    assert verify(binary, *there)["differences"] == 0
    postgres.query("DELETE FROM cupo.reservation WHERE number = 2")
    cupo_command(binary, "verify", *there, status=1)
