"""Where a server keeps its store, and the ways in which that can be hit: the crash tests run on each.

Not for one server's life, which is running_server.py. The one thing to know before changing it: a blow says by its result
whether the server is gone, and returns only when nothing that was under way before it can still happen.
"""
import itertools
import subprocess
import time

from stored_ledger import StoredLedger


class SQLiteDeployment:
    """One server on one file."""

    def __init__(self, serve, binary, folder):
        self.serve, self.binary, self.folder = serve, binary, folder
        self.server = None

    def start(self):
        self.server = self.serve(data=self.folder)
        return self.server.address

    def hit(self, rng):
        """One blow at random. Answers whether the server is gone."""
        self.server.kill()
        return True

    def check_at_rest(self):
        """Before anybody opens the files again."""
        StoredLedger(self.folder / "cupo.db").audit()
        self.verify()

    def verify(self):
        done = subprocess.run(
            [self.binary, "verify", *self.store_arguments()], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr

    def store_arguments(self):
        return ["--data", str(self.folder)]

    def stop(self):
        self.server.stop()


class PostgresDeployment(SQLiteDeployment):
    """One server on a PostgreSQL of its own, which is hit as well."""

    BLOWS = ["server", "server", "backends", "restart"]
    CLIENTS = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"

    def __init__(self, serve, binary, folder, postgres):
        super().__init__(serve, binary, folder)
        self.postgres = postgres
        self.lanes = itertools.cycle([4, 1, 3, 2])

    def start(self):
        self.server = self.serve(data=self.folder, storage=self.postgres.address)
        # Whatever their number, what is promised is the same.
        subprocess.run(
            [self.binary, "migrate", *self.store_arguments(), "--lanes", str(next(self.lanes))], check=True,
            stdout=subprocess.DEVNULL, timeout=60)
        return self.server.address

    def hit(self, rng):
        blow = rng.choice(self.BLOWS)
        if blow == "server":
            super().hit(rng)
            # What it had sent may be committed behind its back.
            end = time.monotonic() + 30
            while self.postgres.query(f"SELECT count(*) {self.CLIENTS}") != "0":
                assert time.monotonic() < end, "the database still works for a dead server"
                time.sleep(0.01)
            return True
        if blow == "backends":
            self.postgres.query(f"SELECT count(pg_terminate_backend(pid)) {self.CLIENTS}")
        else:
            self.postgres.crash()
            self.postgres.start()
        return False

    def check_at_rest(self):
        self.verify()

    def store_arguments(self):
        return ["--storage", self.postgres.address]


def make(storage, request):
    serve, binary, tmp_path = (request.getfixturevalue(name) for name in ("serve", "binary", "tmp_path"))
    if storage == "sqlite":
        return SQLiteDeployment(serve, binary, tmp_path / "data")
    return PostgresDeployment(serve, binary, tmp_path / "data", request.getfixturevalue("postgres"))
