"""Calls by Python's gRPC: short spellings of what tests ask for, and errors with their details decoded."""
import dataclasses

import grpc
from cupo.capacity.v1 import availability_pb2 as availability
from cupo.capacity.v1 import availability_pb2_grpc
from cupo.capacity.v1 import event_pb2_grpc
from cupo.capacity.v1 import inventory_pb2 as inventory
from cupo.capacity.v1 import inventory_pb2_grpc
from cupo.capacity.v1 import reservation_pb2 as reservation
from cupo.capacity.v1 import reservation_pb2_grpc
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2, status_pb2

import identity

SELLER = "seller-1"
SECONDS = 10
# Channels to one address share a connection unless each has a pool of its own.
OWN_CONNECTION = (("grpc.use_local_subchannel_pool", 1),)

State = reservation.ReservationState
Status = availability.AvailabilityStatus
Kind = availability.WatchAvailabilityResponse.Kind


def line(product, quantity=1, slot=""):
    return reservation.Line(product_id=product, quantity=quantity, slot=slot)


def reserve_request(key, lines, buyer="buyer-1", ttl=None, reference=""):
    lines = [lines] if isinstance(lines, reservation.Line) else lines
    request = reservation.ReserveRequest(idempotency_key=key, lines=lines, buyer_id=buyer, reference=reference)
    if ttl is not None:
        request.ttl.CopyFrom(duration_pb2.Duration(seconds=int(ttl), nanos=round(ttl % 1 * 1e9)))
    return request


def instant(timestamp):
    """Microseconds since 1970."""
    return timestamp.seconds * 1_000_000 + timestamp.nanos // 1_000


def units(number):
    return inventory.Limit(units=number)


@dataclasses.dataclass
class Refusal:
    """An error as its details tell it."""

    code: grpc.StatusCode
    message: str
    info: object = None
    retry: object = None
    bad_request: object = None
    precondition: object = None
    localized: object = None
    details: int = 0

    @property
    def reason(self):
        return self.info.reason if self.info else ""


def refusal(error):
    """Decodes a `grpc.RpcError`."""
    found = Refusal(error.code(), error.details())
    packed = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    if packed is None:
        return found
    status = status_pb2.Status.FromString(packed)
    assert status.code == error.code().value[0], "grpc-status and the details disagree"
    assert status.message == error.details(), "grpc-message and the details disagree"
    found.details = len(status.details)
    for detail in status.details:
        for name, kind in _DETAILS.items():
            if detail.Is(kind.DESCRIPTOR):
                message = kind()
                detail.Unpack(message)
                setattr(found, name, message)
    return found


_DETAILS = {
    "info": error_details_pb2.ErrorInfo,
    "retry": error_details_pb2.RetryInfo,
    "bad_request": error_details_pb2.BadRequest,
    "precondition": error_details_pb2.PreconditionFailure,
    "localized": error_details_pb2.LocalizedMessage,
}


class Cupo:
    """One connection to one server, as the session's administrator or with the token `bearer`."""

    def __init__(self, address, options=OWN_CONNECTION, bearer=None):
        self.connection = grpc.insecure_channel(address, options=options)
        self.channel = identity.bearing(self.connection, bearer)
        self.capacity = reservation_pb2_grpc.CapacityServiceStub(self.channel)
        self.inventory = inventory_pb2_grpc.InventoryServiceStub(self.channel)
        self.availability = availability_pb2_grpc.AvailabilityServiceStub(self.channel)
        self.event = event_pb2_grpc.EventServiceStub(self.channel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    # Catalogue

    def put_resource(self, resource_id, seller=SELLER, **kind):
        resource = inventory.Resource(resource_id=resource_id, seller_id=seller, **kind)
        return self.inventory.PutResource(inventory.PutResourceRequest(resource=resource), timeout=SECONDS).resource

    def put_stock(self, resource_id, total, seller=SELLER):
        return self.put_resource(resource_id, seller, stock=inventory.Stock(total=units(total)))

    def put_daily(self, resource_id, limit):
        return self.put_resource(resource_id, daily_capacity=inventory.DailyCapacity(default_limit=units(limit)))

    def put_slots(self, resource_id, limit, minutes=60):
        window = inventory.Slots.Window(
            days=range(1, 8), start="00:00", end="24:00", slot_minutes=minutes, limit=units(limit))
        return self.put_resource(resource_id, slots=inventory.Slots(windows=[window]))

    def put_product(self, product_id, draws, seller=SELLER, **more):
        """`draws`: units by resource, the primary first."""
        product = inventory.Product(
            product_id=product_id, seller_id=seller,
            draws=[inventory.Draw(resource_id=r, units=u) for r, u in draws.items()], **more)
        return self.inventory.PutProduct(inventory.PutProductRequest(product=product), timeout=SECONDS).product

    def put_single(self, name, total, seller=SELLER):
        """A stock and the product that sells it, both called `name`."""
        self.put_stock(name, total, seller)
        return self.put_product(name, {name: 1}, seller)

    # Reservations

    def reserve(self, key, lines, timeout=SECONDS, metadata=None, **more):
        return self.capacity.Reserve(reserve_request(key, lines, **more), timeout=timeout, metadata=metadata)

    def consume(self, reservation_id, timeout=SECONDS, **more):
        return self.capacity.Consume(
            reservation.ConsumeRequest(reservation_id=reservation_id, **more), timeout=timeout)

    def release(self, reservation_id, timeout=SECONDS, **more):
        return self.capacity.Release(
            reservation.ReleaseRequest(reservation_id=reservation_id, **more), timeout=timeout)

    def get(self, reservation_id, timeout=SECONDS):
        return self.capacity.GetReservation(
            reservation.GetReservationRequest(reservation_id=reservation_id), timeout=timeout).reservation

    # Availability

    def slots(self, product, timeout=SECONDS, **more):
        return self.availability.GetAvailability(
            availability.GetAvailabilityRequest(product_id=product, with_pools=True, **more), timeout=timeout)

    def slot(self, product, slot_id=""):
        """What is left of one slot, its pools included."""
        answer = self.slots(product, **({"from_date": slot_id[:10]} if slot_id else {}))
        return next(s for s in answer.slots if s.slot == slot_id)

    def pools(self, product, slot_id=""):
        """(limit, held, consumed) by resource."""
        return {p.resource_id: (p.limit, p.held, p.consumed) for p in self.slot(product, slot_id).pools}

    def watch(self, *products, timeout=60, **more):
        request = availability.WatchAvailabilityRequest(product_ids=products, **more)
        return self.availability.WatchAvailability(request, timeout=timeout)

    def still_answers(self):
        """A call that needs the whole way through the server, and no data."""
        try:
            self.slots("no-such-product")
        except grpc.RpcError as error:
            return refusal(error).reason == "PRODUCT_NOT_FOUND"
        return False
