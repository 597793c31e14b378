"""Load for the crash test: many callers, and a book of what each was told.

The one thing to know before changing it: a reservation has one caller, which does one thing at a time, so the last
answer that it got is the least that must be there after a crash.
"""
import asyncio
import dataclasses
import time

import grpc

import cupo_client
import identity
from cupo_client import State, line, reserve_request, reservation

PRODUCTS = {
    "plenty": {"plenty": 1},
    "scarce": {"scarce": 1},
    "day": {"day": 1},
    "tour": {"ride": 2, "day": 1, "scarce": 1},
}
BUYERS = 7


@dataclasses.dataclass
class Entry:
    """One key: what was sent under it, and the newest that came back."""

    request: object
    acknowledged: object = None
    is_refused: bool = False


class Book:
    def __init__(self, rng):
        self.rng = rng
        self.entries = {}
        self.slots = {}
        self.anomalies = []

    def put_catalogue(self, cupo):
        cupo.put_stock("plenty", 10**9)
        cupo.put_stock("scarce", 2_000)
        cupo.put_daily("day", 10**6)
        cupo.put_slots("ride", 10**6)
        for product, draws in PRODUCTS.items():
            cupo.put_product(product, draws)
        for product in ("day", "tour"):
            self.slots[product] = [s.slot for s in cupo.slots(product, to_date=_in_days(3)).slots][-3:]

    def new_request(self):
        rng, number = self.rng, len(self.entries)
        lines = []
        for product in rng.sample(list(PRODUCTS), rng.choice([1, 1, 2])):
            slot = rng.choice(self.slots[product]) if product in self.slots else ""
            lines.append(line(product, rng.randint(1, 3), slot))
        ttl = rng.choice([None, 1, 1.5, 2, 60, 3_600])
        request = reserve_request(f"{number:06}-{rng.getrandbits(32):08x}", lines, f"buyer-{number % BUYERS}", ttl)
        entry = self.entries[request.idempotency_key] = Entry(request)
        return entry

    async def call(self, capacity):
        """The life of one reservation, as far as it goes. False once the server is gone."""
        entry = self.new_request()
        if await self.try_to(entry, capacity.Reserve, entry.request) is False:
            return False
        while entry.acknowledged and entry.acknowledged.state == State.RESERVATION_STATE_HELD:
            act = self.rng.choice(["consume", "consume", "release", "part", "part", "leave"])
            if act == "leave":
                return True
            kind, method = (
                (reservation.ReleaseRequest, capacity.Release) if act == "release"
                else (reservation.ConsumeRequest, capacity.Consume))
            request = kind(reservation_id=entry.acknowledged.reservation_id)
            if act == "part":
                open_line = next(i for i, l in enumerate(entry.acknowledged.lines) if l.held)
                request.amounts.add(line=open_line, quantity=1)
                request.request_id = f"part-{self.rng.getrandbits(40):x}"
            answered = await self.try_to(entry, method, request)
            if answered is not True:
                return answered is None
        return True

    async def try_to(self, entry, method, request):
        """True: acknowledged. None: refused. False: no answer."""
        try:
            entry.acknowledged = (await method(request, timeout=20)).reservation
            return True
        except grpc.RpcError as error:
            found = cupo_client.refusal(error)
            if found.reason in ("HELD_BY_OTHERS", "INSUFFICIENT_CAPACITY", "SOLD_OUT", "RESERVATION_EXPIRED"):
                entry.is_refused = entry.acknowledged is None
                return None
            if found.reason or found.code not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
                self.anomalies.append(f"{found.code.name} {found.reason}: {found.message}")
            return False


async def _caller(book, capacity):
    while await book.call(capacity):
        pass


async def run(book, address, connections, callers, kill_after, kill):
    """Callers on several connections until the server is gone, which `kill` sees to after `kill_after` seconds."""
    channels = [identity.aio_channel(address, cupo_client.OWN_CONNECTION) for _ in range(connections)]
    stubs = [cupo_client.reservation_pb2_grpc.CapacityServiceStub(channel) for channel in channels]
    tasks = [asyncio.create_task(_caller(book, stubs[n % connections])) for n in range(callers)]
    await asyncio.sleep(kill_after)
    kill()
    await asyncio.gather(*tasks)
    for channel in channels:
        await channel.close()


async def replay(entries, address):
    """Sends each request again, some at a time; answers a response or a refusal for each, in order."""
    async with identity.aio_channel(address, cupo_client.OWN_CONNECTION) as channel:
        reserve = cupo_client.reservation_pb2_grpc.CapacityServiceStub(channel).Reserve
        gate = asyncio.Semaphore(128)

        async def one(entry):
            async with gate:
                try:
                    return await reserve(entry.request, timeout=30)
                except grpc.RpcError as error:
                    return cupo_client.refusal(error)

        return await asyncio.gather(*(one(entry) for entry in entries))


def _in_days(days):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * 86_400))
