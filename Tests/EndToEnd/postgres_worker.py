"""One process of a race over several nodes: `postgres_worker.py < JSON > JSON`.

A request is sent again, with its key, until somebody answers it for certain; nodes that do not answer are left for the next one.
In: addresses (the own node first), connections, and requests as [key, product, slot].
Out: held as [request's index, reservation id], refused as counts by reason, and how often nobody knew.
Says on standard error how many are answered, now and then.
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

UNCERTAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED)
# A node that comes back is found soon.
OPTIONS = (*cupo_client.OWN_CONNECTION, ("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 300))


async def main(job):
    held, refused = [], collections.Counter()
    queue = collections.deque(enumerate(job["requests"]))
    uncertain = answered = 0

    async def connection(number):
        nonlocal uncertain, answered
        channels = [identity.aio_channel(address, OPTIONS) for address in job["addresses"]]
        stubs = [cupo_client.reservation_pb2_grpc.CapacityServiceStub(channel) for channel in channels]
        node = 0
        while queue:
            index, (key, product, slot) = queue.popleft()
            request = cupo_client.reserve_request(
                key, [cupo_client.line(product, 1, slot)], buyer=f"buyer-{key}", ttl=3600)
            while True:
                try:
                    answer = await stubs[node].Reserve(request, timeout=5)
                    held.append([index, answer.reservation.reservation_id])
                    break
                except grpc.RpcError as error:
                    found = cupo_client.refusal(error)
                    if error.code() not in UNCERTAIN:
                        refused[found.reason or f"{found.code.name}: {found.message}"] += 1
                        break
                    uncertain += 1
                    node = (node + 1) % len(stubs)
                    await asyncio.sleep(0.05)
            # Back to the own node.
            node = 0 if answered % 50 == 0 else node
            answered += 1
            if answered % 100 == 0:
                print(answered, file=sys.stderr, flush=True)
        for channel in channels:
            await channel.close()

    await asyncio.gather(*(connection(number) for number in range(job["connections"])))
    return {"held": held, "refused": refused, "uncertain": uncertain}


print(json.dumps(asyncio.run(main(json.loads(sys.stdin.readline())))))
