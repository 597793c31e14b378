"""grpcurl, a client that nobody here wrote, does what the README shows."""
import re
import time

import pytest

from grpcurl import Grpcurl, stream


@pytest.fixture
def curl(root, server):
    return Grpcurl(root, server.address)


def put_single(curl, name, total):
    curl.call("InventoryService/PutResource", {
        "resource": {"resource_id": name, "seller_id": "seller-1", "stock": {"total": {"units": total}}}})
    return curl.call("InventoryService/PutProduct", {
        "product": {"product_id": name, "seller_id": "seller-1", "draws": [{"resource_id": name, "units": 1}]}})


def reserve(curl, key, name, quantity, *options):
    return curl.run("CapacityService/Reserve", {
        "idempotency_key": key, "buyer_id": "buyer-1", "lines": [{"product_id": name, "quantity": quantity}]}, *options)


def test_reserve_consume_release_and_read(curl):
    product = put_single(curl, "kayak", 3)["product"]
    assert product["version"] == "1"
    assert curl.call("InventoryService/GetResource", {"resource_id": "kayak"})["resource"]["stock"]

    request = {"idempotency_key": "k1", "buyer_id": "buyer-1", "lines": [{"product_id": "kayak", "quantity": 1}]}
    held = curl.call("CapacityService/Reserve", request)["reservation"]
    assert held["state"] == "RESERVATION_STATE_HELD"
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", held["code"])
    again = curl.call("CapacityService/Reserve", request)
    assert again["replayed"] is True and again["reservation"]["reservationId"] == held["reservationId"]

    consumed = curl.call("CapacityService/Consume", {"reservation_id": held["reservationId"]})
    assert consumed["outcome"] == "CONSUME_OUTCOME_CONSUMED"
    other = curl.call("CapacityService/Reserve", {**request, "idempotency_key": "k2"})["reservation"]
    released = curl.call("CapacityService/Release", {"reservation_id": other["reservationId"]})
    assert released["reservation"]["state"] == "RESERVATION_STATE_RELEASED"

    read = curl.call("CapacityService/GetReservation", {"code": held["code"]})["reservation"]
    assert read["state"] == "RESERVATION_STATE_CONSUMED"
    slot, = curl.call("AvailabilityService/GetAvailability", {"product_id": "kayak"})["slots"]
    assert (slot["remaining"], slot["consumed"]) == ("2", "1")


def test_error_details_are_printed(curl):
    put_single(curl, "tent", 2)
    status, _, errors = reserve(curl, "k1", "tent", 3)
    assert status != 0
    for expected in ("ResourceExhausted", "google.rpc.ErrorInfo", "INSUFFICIENT_CAPACITY",
                     '"domain":"cupo"', '"requested":"3"', '"available":"2"', "google.rpc.PreconditionFailure"):
        assert expected in errors, errors


def test_spanish_for_those_who_ask(curl):
    put_single(curl, "tent", 1)
    _, _, errors = reserve(curl, "k1", "tent", 2, "-H", "accept-language: es-CO,es;q=0.9")
    assert '"locale":"es"' in errors, errors


def test_watch_sends_a_snapshot_then_deltas(curl):
    put_single(curl, "canoe", 5)
    watch = curl.start("AvailabilityService/WatchAvailability", {"product_ids": ["canoe"]}, "-max-time", "3")
    time.sleep(1)
    assert reserve(curl, "k1", "canoe", 2)[0] == 0
    output, errors = watch.communicate(timeout=20)
    assert "DeadlineExceeded" in errors
    messages = stream(output)
    kinds = [message["kind"].removeprefix("KIND_") for message in messages]
    assert kinds[:2] == ["SNAPSHOT", "SNAPSHOT_END"], kinds
    slots = [slot for message in messages for slot in message.get("slots", [])]
    assert [slot["remaining"] for slot in slots] == ["5", "3"]
