"""What every gRPC server offers besides its own services: reflection, so that grpcurl needs no proto files, and health."""
import json
import subprocess

import grpc
import pytest

import identity

from broken_disk import SizeLimit
from cupo_client import Cupo, line, refusal
from grpcurl import tool
from health import NOT_SERVING, SERVICE_UNKNOWN, SERVING, Health

CAPACITY = "cupo.capacity.v1.CapacityService"
SERVICES = ["cupo.capacity.v1.AvailabilityService", CAPACITY, "cupo.capacity.v1.InventoryService",
            "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"]


def grpcurl(*arguments):
    bearer = [part for name, value in identity.header() for part in ("-H", f"{name}: {value}")]
    done = subprocess.run([tool(), "-plaintext", *bearer, *arguments], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_grpcurl_lists_the_services(server):
    listed = grpcurl(server.address, "list").split()
    assert set(SERVICES) <= set(listed)
    methods = grpcurl(server.address, "list", CAPACITY).split()
    assert f"{CAPACITY}.Reserve" in methods


def test_grpcurl_describes_all_of_it(server):
    everything = grpcurl(server.address, "describe")
    for service in SERVICES:
        assert f"{service} is a service" in everything
    # The options of the contract are extensions, which reflection has to find as well.
    assert "ERROR_REASON_PRODUCT_NOT_FOUND" in grpcurl(server.address, "describe", CAPACITY)
    message = grpcurl(server.address, "describe", "cupo.capacity.v1.ReserveRequest")
    assert "idempotency_key = 1" in message
    assert "RESERVATION_STATE_HELD" in grpcurl(server.address, "describe", "cupo.capacity.v1.ReservationState")


def test_grpcurl_calls_without_proto_files(server):
    put = {"resource": {"resource_id": "r", "seller_id": "s", "stock": {"total": {"units": 3}}}}
    grpcurl("-d", json.dumps(put), server.address, "cupo.capacity.v1.InventoryService/PutResource")
    got = json.loads(grpcurl(
        "-d", '{"resource_id": "r"}', server.address, "cupo.capacity.v1.InventoryService/GetResource"))
    assert got["resource"]["version"] == "1"


def test_what_is_not_there_is_not_found(server):
    done = subprocess.run(
        [tool(), "-plaintext", server.address, "describe", "no.Such"], capture_output=True, text=True, timeout=30)
    assert done.returncode != 0 and "not found" in done.stderr.lower(), done.stderr


def test_each_service_has_its_health(server):
    with grpc.insecure_channel(server.address) as channel:
        health = Health(channel)
        for service in ["", *SERVICES]:
            assert health.check(service) == SERVING
        with pytest.raises(grpc.RpcError) as error:
            health.check("no.Such")
        assert error.value.code() == grpc.StatusCode.NOT_FOUND
        watch = health.watch("no.Such")
        assert next(watch) == SERVICE_UNKNOWN
        watch.cancel()


def test_a_watch_sees_the_drain(serve):
    server = serve()
    with grpc.insecure_channel(server.address) as channel:
        health = Health(channel)
        watches = [health.watch(service) for service in ("", CAPACITY)]
        for watch in watches:
            assert next(watch) == SERVING
        server.tell_to_end()
        for watch in watches:
            assert next(watch) == NOT_SERVING
            with pytest.raises(grpc.RpcError) as error:
                next(watch)
            assert error.value.code() == grpc.StatusCode.UNAVAILABLE
        server.stop()


def test_health_follows_the_disk(serve):
    server = serve()
    disk = SizeLimit(server, 0)
    with Cupo(server.address) as cupo:
        cupo.put_single("seat", 5)
        health = Health(cupo.channel)
        watch = health.watch(CAPACITY)
        assert next(watch) == SERVING
        disk.break_it()
        try:
            with pytest.raises(grpc.RpcError) as error:
                cupo.reserve("k", line("seat"))
            assert refusal(error.value).code == grpc.StatusCode.UNAVAILABLE
            assert next(watch) == NOT_SERVING
            assert health.check("") == NOT_SERVING
            assert health.check("grpc.health.v1.Health") == SERVING
        finally:
            disk.mend()
        # Nobody calls: the server finds out by itself.
        assert next(watch) == SERVING
        assert health.check("") == SERVING
        cupo.reserve("k", line("seat"))
        watch.cancel()
    server.stop()
