"""The audit log by the real binary: what is done and denied is there, and whoever edits the table behind the server's back is found."""
import json
import sqlite3
import time

import grpc
import pytest
from cupo.capacity.v1 import audit_pb2, audit_pb2_grpc, inventory_pb2_grpc

import identity
from cupo_client import Cupo, inventory
from test_backup import cupo_command


def audited(server, binary, denials=3):
    """A catalogue with a few changes, and some who were turned away."""
    with Cupo(server.address) as cupo:
        for units in range(1, 7):
            cupo.inventory.PutResource(inventory.PutResourceRequest(resource=inventory.Resource(
                resource_id="hall", seller_id="sol", name="Hall", time_zone="UTC",
                stock=inventory.Stock(total=inventory.Limit(units=units)))), timeout=20)
    token = identity.token(binary, "buyer", subject="mallory")
    with Cupo(server.address, bearer=token) as cupo:
        for number in range(denials):
            with pytest.raises(grpc.RpcError) as caught:
                cupo.inventory.SetPause(
                    inventory.SetPauseRequest(resource_id="hall", paused=True, reason="why not"), timeout=20,
                    metadata=[("x-request-id", f"try-{number}")])
            assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED


def entries(binary, *place, **filters):
    options = [part for name, value in filters.items() for part in (f"--{name}", value)]
    done = cupo_command(binary, "audit", "list", "--json", *place, *options)
    return [json.loads(row) for row in done.stdout.splitlines()]


def wait_for_denials(binary, *place, count=3):
    for _ in range(100):
        found = entries(binary, *place, kind="denied")
        if len(found) >= count:
            return found
        time.sleep(0.1)
    raise AssertionError(f"only {len(found)} denials are in the audit log")


def verify(binary, *place, status=0, expect=()):
    options = [part for anchor in expect for part in ("--expect", anchor)]
    return json.loads(cupo_command(binary, "audit", "verify", "--json", *place, *options, status=status).stdout)


def test_what_is_done_and_denied_is_in_it(serve, binary, tmp_path):
    server = serve()
    place = ("--data", tmp_path / "data")
    audited(server, binary)
    denied = wait_for_denials(binary, *place)
    # They were turned away at the headers: what the request was about, nobody has read.
    assert [entry["request_id"] for entry in denied] == ["try-0", "try-1", "try-2"]
    for entry in denied:
        assert entry["actor"] == "mallory" and entry["roles"] == ["BUYER"] and entry["outcome"] == "ROLE_NOT_ALLOWED"
        assert entry["method"] == "/cupo.capacity.v1.InventoryService/SetPause" and entry["peer"].startswith("127.0.0.1")
    changed = entries(binary, *place, kind="configuration-changed", subject="hall")
    assert len(changed) == 6 and changed[0]["before"] == "" and changed[0]["roles"] == ["ADMIN"]
    for before, after in zip(changed, changed[1:]):
        assert after["before"] == before["after"] and json.loads(after["after"])["id"] == "hall"
    text = cupo_command(binary, "audit", "list", *place).stdout
    assert "mallory (BUYER)" in text and "ROLE_NOT_ALLOWED" in text
    server.stop()
    # A backup has it, a restore goes on from there and says so.
    cupo_command(binary, "backup", tmp_path / "copy", *place)
    anchors = verify(binary, *place)["anchors"]
    assert verify(binary, "--storage", f"sqlite:{tmp_path}/copy", expect=anchors)["findings"] == []
    cupo_command(binary, "restore", tmp_path / "copy", "--replace", "--actor", "ana", *place)
    assert verify(binary, *place, expect=anchors)["findings"] == []
    repaired = entries(binary, *place, kind="repaired")
    assert [(entry["actor"], entry["method"]) for entry in repaired] == [("ana", "cupo restore")]


def test_the_export_can_be_checked_by_anybody(serve, binary, tmp_path):
    import hashlib

    server = serve()
    place = ("--data", tmp_path / "data")
    audited(server, binary)
    wait_for_denials(binary, *place)
    server.stop()
    cupo_command(binary, "audit", "export", tmp_path / "audit.jsonl", *place)
    ends = {}
    for row in (tmp_path / "audit.jsonl").read_text().splitlines():
        entry = json.loads(row)
        sequence, before = ends.get(entry["chain"], (0, bytes(32)))
        assert entry["sequence"] == sequence + 1
        assert hashlib.sha256(before + entry["body"].encode()).hexdigest() == entry["hash"]
        ends[entry["chain"]] = entry["sequence"], bytes.fromhex(entry["hash"])
    anchors = [f"{chain}:{sequence}:{end.hex()}" for chain, (sequence, end) in sorted(ends.items())]
    assert verify(binary, *place)["anchors"] == anchors


def test_support_reads_it_from_the_server(serve, binary, tmp_path):
    server = serve()
    audited(server, binary)
    wait_for_denials(binary, "--data", tmp_path / "data")
    with Cupo(server.address, bearer=identity.token(binary, "finance", subject="fin")) as cupo:
        stub = audit_pb2_grpc.AuditServiceStub(cupo.channel)
        request = audit_pb2.ListAuditEntriesRequest(actor="mallory", page_size=2)
        first = stub.ListAuditEntries(request, timeout=20)
        request.page_token = first.next_page_token
        second = stub.ListAuditEntries(request, timeout=20)
        found = [entry.request_id for page in (first, second) for entry in page.entries]
        assert found == ["try-0", "try-1", "try-2"]
        stream = stub.WatchAuditEntries(audit_pb2.WatchAuditEntriesRequest(from_beginning=True), timeout=20)
        assert next(stream).entries[0].subject == "hall"
        stream.cancel()
    with Cupo(server.address, bearer=identity.token(binary, "seller", subject="sol")) as cupo:
        with pytest.raises(grpc.RpcError) as caught:
            audit_pb2_grpc.AuditServiceStub(cupo.channel).ListAuditEntries(audit_pb2.ListAuditEntriesRequest(), timeout=20)
        assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
    server.stop()


# What somebody does to the table, and the entry that tells of it.
DAMAGES = {
    "edited": (["UPDATE audit SET body = replace(body, 'hall', 'barn') WHERE chain = 'lane-0' AND sequence = 3"], "lane-0", 3),
    "removed": (["DELETE FROM audit WHERE chain = 'lane-0' AND sequence = 3"], "lane-0", 3),
    "swapped": ([
        "UPDATE audit SET sequence = 99 WHERE chain = 'lane-0' AND sequence = 3",
        "UPDATE audit SET sequence = 3 WHERE chain = 'lane-0' AND sequence = 4",
        "UPDATE audit SET sequence = 4 WHERE chain = 'lane-0' AND sequence = 99"], "lane-0", 3),
    "cut off": (["DELETE FROM audit WHERE chain = 'lane-0' AND sequence >= 5"], "lane-0", 5),
    "a denial removed": (["DELETE FROM audit WHERE chain = 'system-0' AND sequence = 2"], "system-0", 2),
    "denials cut off": (["DELETE FROM audit WHERE chain = 'system-0' AND sequence >= 2"], "system-0", 2),
}


def expect_found(binary, *place, chain, sequence):
    found = verify(binary, *place, status=1)["findings"]
    assert [(finding["chain"], finding["sequence"]) for finding in found] == [(chain, sequence)], found
    text = cupo_command(binary, "audit", "verify", *place, status=1).stdout
    assert text.startswith(f"{chain}: entry {sequence} ")


def test_a_touched_entry_is_found_in_a_file(serve, binary, tmp_path):
    server = serve()
    audited(server, binary)
    place = ("--data", tmp_path / "data")
    wait_for_denials(binary, *place)
    server.stop()
    kept = verify(binary, *place)["anchors"]
    for name, (statements, chain, sequence) in DAMAGES.items():
        copy = tmp_path / name.replace(" ", "-")
        cupo_command(binary, "backup", copy, *place)
        with sqlite3.connect(copy) as database:
            # The table itself refuses; who can write to the file can also take that away.
            with pytest.raises(sqlite3.DatabaseError):
                database.execute(statements[0])
            database.execute("DROP TRIGGER audit_is_not_edited")
            database.execute("DROP TRIGGER audit_is_not_deleted")
            for statement in statements:
                database.execute(statement)
        database.close()
        expect_found(binary, "--storage", f"sqlite:{copy}", chain=chain, sequence=sequence)
    # Cut off together with the record of the end, only what was kept elsewhere tells.
    copy = tmp_path / "careful"
    cupo_command(binary, "backup", copy, *place)
    with sqlite3.connect(copy) as database:
        database.execute("DROP TRIGGER audit_is_not_deleted")
        database.execute("DELETE FROM audit WHERE chain = 'lane-0' AND sequence >= 5")
        database.execute("UPDATE lane SET audit_sequence = 4, audit_hash = "
                         "(SELECT hash FROM audit WHERE chain = 'lane-0' AND sequence = 4)")
    database.close()
    there = ("--storage", f"sqlite:{copy}")
    assert verify(binary, *there)["findings"] == []
    found = verify(binary, *there, status=1, expect=kept)["findings"]
    assert [(finding["chain"], finding["sequence"]) for finding in found] == [("lane-0", 5)]


def test_the_log_goes_along_when_a_store_moves(serve, binary, postgres, tmp_path):
    server = serve()
    audited(server, binary)
    place, there = ("--data", tmp_path / "data"), ("--storage", postgres.address)
    wait_for_denials(binary, *place)
    server.stop()
    kept = verify(binary, *place)["anchors"]
    cupo_command(binary, "export", tmp_path / "all.cupo", *place)
    cupo_command(binary, "import", tmp_path / "all.cupo", "--actor", "ana", *there)
    assert verify(binary, *there, expect=kept)["findings"] == []
    assert [(entry["actor"], entry["method"]) for entry in entries(binary, *there, kind="repaired")] == [("ana", "cupo import")]
    # Two servers, each with a chain of its own beside the lane's.
    nodes = [serve(data=tmp_path / f"node{number}", storage=postgres.address) for number in range(2)]
    for node in nodes:
        audited(node, binary)
    assert len(wait_for_denials(binary, *there, count=9)) == 9
    assert {entry["chain"] for entry in entries(binary, *there)} == {"lane-0", "system-0", "system-1"}
    assert verify(binary, *there, expect=kept)["findings"] == []
    for node in nodes:
        node.stop()


def test_a_touched_entry_is_found_on_postgres(serve, binary, postgres):
    place = ("--storage", postgres.address)
    server = serve(storage=postgres.address)
    audited(server, binary)
    wait_for_denials(binary, *place)
    assert verify(binary, *place)["findings"] == []
    server.stop()
    postgres.query("CREATE TABLE cupo.kept AS SELECT * FROM cupo.audit")
    postgres.query("DROP TRIGGER audit_is_only_added_to ON cupo.audit")
    for statements, chain, sequence in DAMAGES.values():
        for statement in statements:
            postgres.query("SET search_path = cupo; " + statement)
        expect_found(binary, *place, chain=chain, sequence=sequence)
        postgres.query("DELETE FROM cupo.audit")
        postgres.query("INSERT INTO cupo.audit SELECT * FROM cupo.kept")
        assert verify(binary, *place)["findings"] == []


def nobody(channel, *metadata, wait=True):
    """Asks for a resource without the token that everybody has here."""
    call = inventory_pb2_grpc.InventoryServiceStub(channel).GetResource.future(
        inventory.GetResourceRequest(resource_id="hall"), timeout=60, metadata=metadata)
    if wait:
        assert call.code() == grpc.StatusCode.UNAUTHENTICATED
    return call


def test_calls_by_nobody_are_in_it(serve, binary, tmp_path):
    server = serve()
    place = ("--data", tmp_path / "data")
    with grpc.insecure_channel(server.address) as channel:
        nobody(channel, ("x-request-id", "try-0"))
        nobody(channel, ("x-request-id", "try-1"), ("authorization", "Bearer x.y.z"))
        nobody(channel, ("x-request-id", "no id" * 400))
    denied = wait_for_denials(binary, *place, count=3)
    assert [entry["outcome"] for entry in denied] == ["TOKEN_MISSING", "TOKEN_INVALID", "TOKEN_MISSING"]
    assert [entry["request_id"] for entry in denied] == ["try-0", "try-1", ""]
    for entry in denied:
        assert entry["actor"] == "" and entry["roles"] == [] and entry["peer"].startswith("127.0.0.1:")
        assert entry["method"] == "/cupo.capacity.v1.InventoryService/GetResource"
    text = cupo_command(binary, "audit", "list", "--actor", "", *place).stdout
    assert text.count("denied  (unknown)  from 127.0.0.1:") == 3
    server.stop()
    assert verify(binary, *place)["findings"] == []


def flood(call, ask, count=3_000):
    """Asks so often, a hundred at a time."""
    calls = []
    for _ in range(count):
        calls.append(ask())
        if len(calls) >= 100:
            assert calls.pop(0).code() == call
    for one in calls:
        assert one.code() == call


def test_a_flood_without_a_token_takes_no_place_of_those_who_are_known(serve, binary, tmp_path):
    server = serve()
    place = ("--data", tmp_path / "data")
    with grpc.insecure_channel(server.address) as channel:
        flood(grpc.StatusCode.UNAUTHENTICATED, lambda: nobody(channel, wait=False))
    audited(server, binary, denials=5)
    for _ in range(200):
        counts = entries(binary, *place, kind="not-written")
        denied = entries(binary, *place, kind="denied")
        unknown = [entry for entry in denied if entry["actor"] == ""]
        if len(unknown) + sum(int(entry["count"]) for entry in counts) >= 3_000 and len(denied) - len(unknown) >= 5:
            break
        time.sleep(0.1)
    assert [entry["request_id"] for entry in denied if entry["actor"] == "mallory"] == [f"try-{number}" for number in range(5)]
    assert len(unknown) + sum(int(entry["count"]) for entry in counts) == 3_000
    assert 1_000 <= len(unknown) < 1_300 and {entry["outcome"] for entry in counts} == {"UNAUTHENTICATED"}
    server.stop()
    assert verify(binary, *place)["findings"] == []


def test_a_flood_of_denials_is_counted(serve, binary, tmp_path):
    server = serve()
    with Cupo(server.address, bearer=identity.token(binary, "buyer", subject="mallory")) as cupo:
        request = inventory.GetResourceRequest(resource_id="hall")
        flood(grpc.StatusCode.PERMISSION_DENIED, lambda: cupo.inventory.GetResource.future(request, timeout=60))
    place = ("--data", tmp_path / "data")
    for _ in range(200):
        counts = entries(binary, *place, kind="not-written")
        written = entries(binary, *place, kind="denied")
        if len(written) + sum(int(entry["count"]) for entry in counts) >= 3_000:
            break
        time.sleep(0.1)
    assert len(written) + sum(int(entry["count"]) for entry in counts) == 3_000
    # The bucket, and what came back into it meanwhile.
    assert 1_000 <= len(written) < 1_300 and counts
    server.stop()
    assert verify(binary, *place)["findings"] == []
