"""Python's gRPC, a client that nobody here wrote, against the real binary: calls, errors, limits."""
import asyncio
import datetime
import re
import time

import grpc
import pytest

import cupo_client
import identity
from cupo_client import Cupo, Kind, State, Status, line, refusal
from raw_http2 import RawConnection


def refused(call, *arguments, **more):
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments, **more)
    return refusal(caught.value)


def test_the_ready_line_is_the_only_output(server):
    assert server.storage.startswith("sqlite:") and server.version
    with Cupo(server.address) as cupo:
        assert cupo.still_answers()
    assert len(server.lines) == 1


def test_the_examples_can_be_served(serve, root):
    server = serve(apply=root / "examples")
    with Cupo(server.address) as cupo:
        text = "".join(path.read_text() for path in (root / "examples").glob("*.yaml"))
        products = re.findall(r"product_id:\s*[\"']?([^\s\"'#]+)", text)
        assert len(products) >= 10
        # Some are closed on one day of the week, which may be today.
        week = {"to_date": (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=6)).date().isoformat()}
        for product in products:
            assert cupo.slots(product, **week).slots, product
    server.stop()


def test_memory_keeps_nothing(serve, tmp_path):
    server = serve(storage="memory:")
    with Cupo(server.address) as cupo:
        cupo.put_single("kayak", 1)
        cupo.reserve("k", line("kayak"))
    server.stop()
    assert server.storage == "memory:"
    assert not list((tmp_path / "data").rglob("*.db"))


def test_the_whole_life_of_a_reservation(cupo):
    cupo.put_single("kayak", 10)
    held = cupo.reserve("k1", line("kayak", 3), reference="order-7", ttl=60)
    assert not held.replayed
    reservation = held.reservation
    assert reservation.state == State.RESERVATION_STATE_HELD
    assert (reservation.buyer_id, reservation.reference, reservation.version) == ("buyer-1", "order-7", 1)
    assert cupo_client.instant(reservation.expires_at) - cupo_client.instant(reservation.created_at) == 60_000_000
    assert cupo.get(reservation.reservation_id) == reservation
    assert cupo.pools("kayak") == {"kayak": (10, 3, 0)}

    part = cupo_client.reservation.LineAmount(line=0, quantity=1)
    cupo.consume(reservation.reservation_id, amounts=[part], request_id="r1")
    assert cupo.pools("kayak") == {"kayak": (10, 2, 1)}
    assert cupo.consume(reservation.reservation_id, amounts=[part], request_id="r1").replayed
    cupo.release(reservation.reservation_id, amounts=[part], request_id="r2")
    consumed = cupo.consume(reservation.reservation_id)
    assert consumed.reservation.state == State.RESERVATION_STATE_CONSUMED
    assert cupo.consume(reservation.reservation_id).replayed
    assert cupo.pools("kayak") == {"kayak": (10, 0, 2)}
    assert refused(cupo.release, reservation.reservation_id).reason == "ALREADY_CONSUMED"

    other = cupo.reserve("k2", line("kayak")).reservation
    assert cupo.release(other.reservation_id).reservation.state == State.RESERVATION_STATE_RELEASED
    assert cupo.release(other.reservation_id).replayed
    assert refused(cupo.consume, other.reservation_id).reason == "ALREADY_RELEASED"


def test_every_kind_can_be_reserved(cupo):
    cupo.put_stock("kit", 10)
    cupo.put_daily("guide", 5)
    cupo.put_slots("boat", 8)
    cupo.put_product("kit-only", {"kit": 1})
    cupo.put_product("day", {"guide": 1})
    cupo.put_product("ride", {"boat": 1})
    cupo.put_product("tour", {"boat": 4, "guide": 1, "kit": 2})
    day = next(s.slot for s in cupo.slots("day").slots)
    later = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 3 * 86_400))
    slots = [s.slot for s in cupo.slots("ride", from_date=later).slots]
    assert slots[0] == f"{later}T00:00:00+00:00" and len(slots) == 24
    lines = [line("kit-only"), line("day", slot=day), line("ride", slot=slots[3]), line("tour", slot=slots[3])]
    cupo.reserve("k", lines)
    assert cupo.pools("tour", slots[3]) == {"boat": (8, 5, 0), "guide": (5, 1, 0), "kit": (10, 3, 0)}
    # The second boat does not fit, so the kit of the first line is not taken either.
    error = refused(cupo.reserve, "k2", [line("kit-only"), line("tour", slot=slots[3])])
    assert error.reason == "HELD_BY_OTHERS" and error.info.metadata["line"] == "1"
    assert cupo.pools("kit-only") == {"kit": (10, 3, 0)}


def test_keys_replay_and_notice_another_payload(cupo):
    cupo.put_single("kayak", 10)
    first = cupo.reserve("k", line("kayak")).reservation
    again = cupo.reserve("k", line("kayak"))
    assert again.replayed and again.reservation == first
    error = refused(cupo.reserve, "k", line("kayak", 2))
    assert (error.code, error.reason) == (grpc.StatusCode.ALREADY_EXISTS, "IDEMPOTENCY_KEY_REUSED")
    assert "quantity" in error.info.metadata["field"]
    assert not cupo.reserve("k", line("kayak"), buyer="buyer-2").replayed


def test_error_details(cupo):
    cupo.put_single("kayak", 2)
    cupo.reserve("k1", line("kayak"), ttl=60)
    error = refused(cupo.reserve, "k2", line("kayak", 2))
    assert (error.code, error.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "HELD_BY_OTHERS")
    assert error.info.domain == "cupo" and error.info.metadata["next_expiry"]
    assert [v.type for v in error.precondition.violations] == ["HELD_BY_OTHERS"]
    assert error.localized.locale == "en" and error.localized.message

    invalid = refused(cupo.reserve, "", [line("", 0), line("x", slot="soon")])
    assert (invalid.code, invalid.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_VIOLATION")
    fields = {violation.field for violation in invalid.bad_request.field_violations}
    assert {"idempotency_key", "lines[0].product_id", "lines[0].quantity"} <= fields


@pytest.mark.parametrize("wish, locale", [
    ("es", "es"), ("es-CO, en;q=0.5", "es"), ("de, en;q=0.5", "en"), ("%%;;", "en")])
def test_people_are_spoken_to_in_their_language(cupo, wish, locale):
    error = refused(cupo.reserve, "k", line("none"), metadata=[("accept-language", wish)])
    assert error.localized.locale == locale
    another = {"en": "es", "es": "en"}[locale]
    other = refused(cupo.reserve, "k", line("none"), metadata=[("accept-language", another)])
    assert other.localized.message != error.localized.message


def test_methods_that_do_not_exist(cupo):
    for path in ("/cupo.capacity.v1.CapacityService/Steal", "/no.Service/Method", "/x"):
        error = refused(cupo.channel.unary_unary(path), b"", timeout=5)
        assert (error.code, error.reason) == (grpc.StatusCode.UNIMPLEMENTED, "METHOD_UNIMPLEMENTED")


def test_deadlines(cupo):
    cupo.put_single("kayak", 1)
    began = time.monotonic()
    watch = cupo.watch("kayak", timeout=1.0)
    with pytest.raises(grpc.RpcError) as caught:
        list(watch)
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert 0.9 < time.monotonic() - began < 3


def test_the_server_keeps_deadlines_by_itself(cupo, server):
    """Clients notice their own deadline too, so this one does not."""
    cupo.put_single("kayak", 1)
    watch = cupo_client.availability.WatchAvailabilityRequest(product_ids=["kayak"]).SerializeToString()
    with RawConnection(server.address) as connection:
        connection.call(1, watch, path="/cupo.capacity.v1.AvailabilityService/WatchAvailability",
                        more=[("grpc-timeout", "300m")])
        assert connection.status(1) == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]


def test_a_message_of_five_mebibytes_is_refused(cupo):
    big = cupo_client.reserve_request("k", line("kayak"), reference="x" * (5 << 20))
    error = refused(cupo.capacity.Reserve, big, timeout=20)
    assert (error.code, error.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE")
    assert cupo.still_answers()


def test_a_message_below_the_limit_is_read(cupo):
    big = cupo_client.reserve_request("k", line("kayak"), reference="x" * (4_000 << 10))
    error = refused(cupo.capacity.Reserve, big, timeout=20)
    assert error.reason == "FIELD_VIOLATION"
    assert [v.field for v in error.bad_request.field_violations] == ["reference"]


def test_a_cancelled_call_leaves_the_connection_usable(cupo):
    cupo.put_single("kayak", 1)
    for _ in range(50):
        watch = cupo.watch("kayak")
        next(watch)
        watch.cancel()
    assert cupo.still_answers()


def test_watch_snapshot_delta_and_resume(cupo):
    cupo.put_single("kayak", 5)
    watch = cupo.watch("kayak")
    snapshot, end = next(watch), next(watch)
    assert (snapshot.kind, end.kind) == (Kind.KIND_SNAPSHOT, Kind.KIND_SNAPSHOT_END)
    assert [s.remaining for s in snapshot.slots] == [5]
    cupo.reserve("k1", line("kayak", 2), ttl=60)
    delta = next(m for m in watch if m.kind == Kind.KIND_DELTA)
    assert [(s.remaining, s.held) for s in delta.slots] == [(3, 2)]
    assert delta.slots[0].revision > snapshot.slots[0].revision
    watch.cancel()

    cupo.reserve("k2", line("kayak"), ttl=60)
    resumed = cupo.watch("kayak", resume_token=delta.resume_token)
    try:
        following = next(resumed)
    except grpc.RpcError as error:
        # A token may be too old whatever its age: then a new snapshot is asked for.
        assert refusal(error).reason == "RESUME_TOKEN_COMPACTED"
    else:
        while following.kind == Kind.KIND_PROGRESS:
            following = next(resumed)
        assert following.kind == Kind.KIND_DELTA and following.slots[0].remaining == 2
    resumed.cancel()
    error = refused(next, cupo.watch("kayak", resume_token=b"rubbish"))
    assert error.reason == "RESUME_TOKEN_INVALID"


def test_a_thousand_streams_on_one_connection(cupo, server):
    cupo.put_single("kayak", 5)
    asyncio.run(_thousand_streams(server.address, lambda: cupo.reserve("k", line("kayak"), ttl=60)))
    assert cupo.still_answers()


async def _thousand_streams(address, reserve):
    request = cupo_client.availability.WatchAvailabilityRequest(product_ids=["kayak"])
    async with identity.aio_channel(address, cupo_client.OWN_CONNECTION) as channel:
        watch = cupo_client.availability_pb2_grpc.AvailabilityServiceStub(channel).WatchAvailability
        get = cupo_client.inventory_pb2_grpc.InventoryServiceStub(channel).GetProduct
        calls = [watch(request, timeout=60) for _ in range(1_000)]

        async def until(call, kind):
            while True:
                message = await call.read()
                assert message is not grpc.aio.EOF, await call.details()
                if message.kind == kind:
                    return message

        await asyncio.gather(*(until(call, Kind.KIND_SNAPSHOT_END) for call in calls))
        # The thousand-and-first waits at the client, which knows the limit, until another one ends.
        extra = get(cupo_client.inventory.GetProductRequest(product_id="kayak"), timeout=20)
        done, _ = await asyncio.wait([asyncio.ensure_future(extra.code())], timeout=0.5)
        assert not done
        await asyncio.to_thread(reserve)
        deltas = await asyncio.gather(*(until(call, Kind.KIND_DELTA) for call in calls))
        assert {delta.slots[0].remaining for delta in deltas} == {4}
        calls.pop().cancel()
        assert (await extra).product.product_id == "kayak"
        for call in calls:
            call.cancel()


def test_a_thousand_calls_at_once_on_one_connection(cupo, server):
    cupo.put_single("kayak", 600)

    async def run():
        async with identity.aio_channel(server.address, cupo_client.OWN_CONNECTION) as channel:
            reserve = cupo_client.reservation_pb2_grpc.CapacityServiceStub(channel).Reserve
            requests = [cupo_client.reserve_request(f"k{n}", line("kayak")) for n in range(1_000)]
            return await asyncio.gather(*(reserve(r, timeout=30) for r in requests), return_exceptions=True)

    answers = asyncio.run(run())
    errors = [refusal(a).reason for a in answers if isinstance(a, grpc.RpcError)]
    assert len(errors) == 400 and set(errors) == {"HELD_BY_OTHERS"}
    assert cupo.pools("kayak") == {"kayak": (600, 600, 0)}


def test_the_status_of_every_slot_is_told(cupo):
    def status(quantity=1):
        return cupo.slots("kayak", quantity=quantity).slots[0].status

    cupo.put_single("kayak", 2)
    assert status(2) == Status.AVAILABILITY_STATUS_AVAILABLE
    first = cupo.reserve("k1", line("kayak"), ttl=60).reservation
    assert status(2) == Status.AVAILABILITY_STATUS_INSUFFICIENT
    second = cupo.reserve("k2", line("kayak"), ttl=60).reservation
    assert status() == Status.AVAILABILITY_STATUS_HELD_ONLY
    cupo.consume(first.reservation_id)
    cupo.consume(second.reservation_id)
    assert status() == Status.AVAILABILITY_STATUS_SOLD_OUT
    assert refused(cupo.reserve, "k3", line("kayak")).reason == "SOLD_OUT"
