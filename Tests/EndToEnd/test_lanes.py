"""A store of several lanes: nodes sell for different sellers side by side, and what is of several sellers is held whole or not at all."""
import collections
import concurrent.futures
import subprocess
import time

import grpc

from cupo_client import Cupo, line, refusal

SELLERS = 5
UNITS = 60
THREADS = 24
REFUSED = {"HELD_BY_OTHERS", "INSUFFICIENT_CAPACITY", "SOLD_OUT"}


def migrate(binary, address, *arguments):
    return subprocess.run(
        [binary, "migrate", "--storage", address, *arguments], capture_output=True, text=True, timeout=60)


def reserve(cupo, key, products):
    """The reservation, or None where it was refused; again with the same key while nobody can say."""
    end = time.monotonic() + 60
    while True:
        try:
            return cupo.reserve(key, [line(product, 1) for product in products], ttl=3_600).reservation
        except grpc.RpcError as error:
            found = refusal(error)
            if found.reason in REFUSED:
                return None
            assert error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED), found
            assert time.monotonic() < end
            time.sleep(0.05)


def test_nodes_sell_side_by_side(serve, binary, postgres, tmp_path, rng):
    nodes = [serve(data=tmp_path / f"node{number}", storage=postgres.address) for number in range(3)]
    said = migrate(binary, postgres.address, "--lanes", "4")
    assert said.returncode == 0 and "had 1 lane and has 4 lanes" in said.stdout, said
    with Cupo(nodes[0].address) as cupo:
        for n in range(SELLERS):
            cupo.put_single(f"seat-{n}", UNITS, seller=f"shop-{n}")
    wanted = []
    for n in range(1_200):
        first = n % SELLERS
        wanted.append([f"seat-{first}"] if n % 4 else [f"seat-{first}", f"seat-{(first + 1 + n % 3) % SELLERS}"])
    clients = [Cupo(node.address) for node in nodes]

    def ask(number):
        products = wanted[number]
        # Most go where their seller's others go.
        node = int(products[0][-1]) % 3 if number % 10 else number // 10 % 3
        return products, reserve(clients[node], f"k{number}", products)

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        answers = [pool.submit(ask, number) for number in rng.sample(range(len(wanted)), len(wanted))]
        time.sleep(0.3)
        # Nobody has to be stopped for it.
        assert migrate(binary, postgres.address, "--lanes", "7").returncode == 0
        held = [(products, made) for products, made in (answer.result() for answer in answers) if made]

    sold = collections.Counter(product for products, _ in held for product in products)
    assert sold == {f"seat-{n}": UNITS for n in range(SELLERS)}
    assert len({made.reservation_id for _, made in held}) == len(held)
    time.sleep(0.1)
    for client in clients:
        for n in range(SELLERS):
            assert client.pools(f"seat-{n}") == {f"seat-{n}": (UNITS, UNITS, 0)}
        for products, made in rng.sample(held, 20):
            assert [l.product_id for l in client.get(made.reservation_id).lines] == products
    # What is of several sellers goes back whole, by any node.
    shared = [made for products, made in held if len(products) == 2]
    assert len(shared) > 10
    for number, made in enumerate(shared):
        clients[number % 3].release(made.reservation_id)
    time.sleep(0.1)
    back = collections.Counter(product for products, _ in held if len(products) == 2 for product in products)
    for n in range(SELLERS):
        assert clients[1].pools(f"seat-{n}") == {f"seat-{n}": (UNITS, UNITS - back[f"seat-{n}"], 0)}
    for client in clients:
        client.connection.close()
    for node in nodes:
        node.stop()
    verified = subprocess.run(
        [binary, "verify", "--storage", postgres.address], capture_output=True, text=True, timeout=100)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_what_migrate_says_of_lanes(serve, binary, postgres, tmp_path):
    serve(data=tmp_path / "node", storage=postgres.address).stop()
    done = migrate(binary, postgres.address, "--lanes", "8", "--dry-run")
    assert done.returncode == 0 and "would get 8 lanes" in done.stdout, done
    done = migrate(binary, postgres.address, "--lanes", "8")
    assert done.returncode == 0 and "had 1 lane and has 8 lanes" in done.stdout, done
    for wrong in ("0", "65", "many"):
        done = migrate(binary, postgres.address, "--lanes", wrong)
        assert done.returncode != 0 and done.stdout == "", done
    path = tmp_path / "store.db"
    serve(data=tmp_path / "file", storage=f"sqlite:{path}").stop()
    done = migrate(binary, f"sqlite:{path}", "--lanes", "2")
    assert done.returncode != 0 and "one lane" in done.stderr, done
