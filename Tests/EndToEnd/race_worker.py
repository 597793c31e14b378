"""One process of a race: `race_worker.py < JSON > JSON`, so that 64 connections do not share one interpreter lock.

In: address, connections, inFlight (of each), and requests as [key, [[product, slot, quantity], …]].
Out: held as [request's index, reservation id], refused as counts by reason, connections seen by the kernel.
"""
import asyncio
import collections
import json
import os
import sys

sys.path.insert(0, os.environ["CUPO_STUBS"])

import grpc  # noqa: E402

import cupo_client  # noqa: E402
import identity  # noqa: E402


def established(port):
    """How many connections of this machine lead to the port."""
    rows = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table) as lines:
            rows += [line.split() for line in lines][1:]
    return sum(row[3] == "01" and int(row[2].split(":")[1], 16) == port for row in rows)


async def main(job):
    held, refused = [], collections.Counter()
    queue = collections.deque(enumerate(job["requests"]))

    async def connection(options):
        async with identity.aio_channel(job["address"], options) as channel:
            await channel.channel_ready()
            reserve = cupo_client.reservation_pb2_grpc.CapacityServiceStub(channel).Reserve
            ready.append(channel)
            await start.wait()
            await asyncio.gather(*(caller(reserve) for _ in range(job["inFlight"])))

    async def caller(reserve):
        while queue:
            index, (key, lines) = queue.popleft()
            lines = [cupo_client.line(product, quantity, slot) for product, slot, quantity in lines]
            request = cupo_client.reserve_request(key, lines, buyer=f"buyer-{key}")
            try:
                answer = await reserve(request, timeout=60)
                assert not answer.replayed
                held.append([index, answer.reservation.reservation_id])
            except grpc.RpcError as error:
                found = cupo_client.refusal(error)
                refused[found.reason or f"{found.code.name}: {found.message}"] += 1

    ready, start = [], asyncio.Event()
    tasks = [asyncio.create_task(connection(cupo_client.OWN_CONNECTION)) for _ in range(job["connections"])]
    while len(ready) < len(tasks):
        await asyncio.sleep(0.01)
    # All processes begin together.
    print("connected", file=sys.stderr, flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    connections = established(int(job["address"].rsplit(":", 1)[1]))
    start.set()
    await asyncio.gather(*tasks)
    return {"held": held, "refused": refused, "connections": connections}


print(json.dumps(asyncio.run(main(json.loads(sys.stdin.readline())))))
