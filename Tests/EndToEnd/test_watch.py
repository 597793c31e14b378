"""What a watcher knows is what is there, wherever it broke off: deltas over what it knew, by any token it was given,
rebuild the lists byte for byte. Over connections that break, readers that dawdle, and a server that starts again.
"""
import datetime
import random
import threading
import time

import grpc
import pytest

from cupo_client import Cupo, line, refusal

PRODUCTS = ("bus", "kit", "tour")


class Watcher(threading.Thread):
    """Follows a watch until it knows `goal`; goes away after some messages and comes back with one of its last tokens."""

    def __init__(self, address, seed, messages_max, pause, products=PRODUCTS):
        super().__init__(daemon=True)
        self.products = products
        self.address, self.messages_max, self.pause = address, messages_max, pause
        self.random = random.Random(seed)
        self.goal = None
        self.known, self.token = {}, b""
        self.snapshots = self.resumes = 0
        self.compactions = 0
        self.failure = None

    def run(self):
        while not self.has_arrived():
            memories = []
            try:
                self.read(memories)
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.OUT_OF_RANGE:
                    assert refusal(error).reason == "RESUME_TOKEN_COMPACTED"
                    self.compactions += 1
                    self.known, self.token = {}, b""
                elif error.code() == grpc.StatusCode.UNAVAILABLE:
                    time.sleep(0.05)
                elif error.code() != grpc.StatusCode.DEADLINE_EXCEEDED:
                    self.failure = error
                    return
            if memories:
                self.known, self.token = self.random.choice(memories[-5:])

    def read(self, memories):
        if self.token:
            self.resumes += 1
        else:
            self.known = {}
            self.snapshots += 1
        with Cupo(self.address()) as client:
            # A deadline, so that it looks at the goal again when nothing happens any more.
            stream = client.watch(*self.products, timeout=1, resume_token=self.token)
            left = self.random.randint(1, self.messages_max)
            while left > 0:
                self.take(next(stream), memories)
                # A snapshot is read to its end, for it is worth nothing before.
                left -= bool(self.token)
                if self.has_arrived():
                    memories.clear()
                    break
                time.sleep(self.random.random() * self.pause)
            stream.cancel()

    def take(self, message, memories):
        for slot in message.slots:
            if slot.removed:
                self.known.pop((slot.product_id, slot.slot), None)
            else:
                self.known[slot.product_id, slot.slot] = slot.SerializeToString(deterministic=True)
        if message.resume_token:
            self.token = message.resume_token
            memories.append((dict(self.known), self.token))

    def has_arrived(self):
        return bool(self.token) and self.goal is not None and self.known == self.goal


def truth(client, products=PRODUCTS):
    """What the lists say of all that is watched: today and the 89 days behind it."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    last = today + datetime.timedelta(days=89)
    known = {}
    for product in products:
        token = ""
        while True:
            page = client.slots(
                product, from_date=str(today), to_date=str(last), page_token=token)
            for slot in page.slots:
                slot.ClearField("pools")
                known[slot.product_id, slot.slot] = slot.SerializeToString(deterministic=True)
            token = page.next_page_token
            if not token:
                break
    return known


def act(client, rng, number, held):
    product = rng.choice(PRODUCTS)
    try:
        if held and rng.random() < 0.4:
            reservation = held.pop(rng.randrange(len(held)))
            rng.choice([client.consume, client.release])(reservation)
            return
        slot = "" if product == "kit" else rng.choice(list(act.slots[product]))
        reply = client.reserve(f"w-{number}", line(product, slot=slot), ttl=rng.randint(1, 8))
        held.append(reply.reservation.reservation_id)
    except grpc.RpcError as error:
        # Sold out, closed, expired: nothing to a watcher.
        assert error.code() in (
            grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.FAILED_PRECONDITION), error


@pytest.mark.parametrize("rounds", [2])
def test_any_token_rebuilds_what_is_there(serve, rng, rounds):
    server = serve()
    with Cupo(server.address) as client:
        client.put_slots("buses", 3)
        client.put_stock("kits", 50)
        client.put_daily("boats", 20)
        for product, resource in (("bus", "buses"), ("kit", "kits"), ("tour", "boats")):
            client.put_product(product, {resource: 1})
        act.slots = {
            product: [slot for name, slot in truth(client) if name == product]
            for product in PRODUCTS
        }
    watchers = [
        Watcher(lambda: server.address, rng.getrandbits(32), most, pause)
        for most, pause in ((1_000_000, 0), (1_000_000, 0.1), (2, 0), (10, 0.02))
    ]
    for watcher in watchers:
        watcher.start()
    held = []
    for turn in range(rounds):
        with Cupo(server.address) as client:
            for number in range(120):
                act(client, rng, f"{turn}-{number}", held)
        if turn < rounds - 1:
            server.stop()
            server = serve()
    # No hold may run out between the list and the last delta.
    time.sleep(0.2)
    deadline = time.monotonic() + 60
    while any(watcher.is_alive() for watcher in watchers):
        assert time.monotonic() < deadline, [len(w.known) for w in watchers]
        with Cupo(server.address) as client:
            goal = truth(client)
        for watcher in watchers:
            watcher.goal = goal
            watcher.join(0.5)
    assert [w.failure for w in watchers] == [None] * 4
    # The restart is no reason for a new snapshot.
    assert [w.compactions for w in watchers] == [0] * 4
    assert watchers[0].snapshots == 1 and watchers[0].resumes >= 1
    assert watchers[2].resumes > 10
