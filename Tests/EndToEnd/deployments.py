"""Where a server keeps its store, and the ways in which that can be hit: the crash tests run on each.

Not for one server's life, which is running_server.py. The one thing to know before changing it: a blow says by its result
whether the server is gone, and returns only when nothing that was under way before it can still happen.
"""
import os
import pathlib
import subprocess
import urllib.parse

import pytest

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
    """One server on a database of its own in the PostgreSQL of CUPO_POSTGRES; see scripts/with-postgres.sh."""

    BLOWS = ["server", "server", "backends", "restart"]

    def __init__(self, serve, binary, folder):
        super().__init__(serve, binary, folder)
        self.cluster = os.environ["CUPO_POSTGRES"]
        self.cluster_folder = pathlib.Path(os.environ["CUPO_POSTGRES_FOLDER"])
        name = f"crash_{os.getpid()}"
        self._sql(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
        address = urllib.parse.urlsplit(self.cluster)
        self.address = urllib.parse.urlunsplit(address._replace(path="/" + name))

    def start(self):
        self.server = self.serve(data=self.folder, storage=self.address)
        return self.server.address

    def hit(self, rng):
        blow = rng.choice(self.BLOWS)
        if blow == "server":
            return super().hit(rng)
        if blow == "backends":
            self._sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                      " AND backend_type = 'client backend'")
        else:
            self._restart()
        return False

    def _restart(self):
        tools = pathlib.Path(subprocess.run(
            ["pg_config", "--bindir"], capture_output=True, text=True, check=True).stdout.strip())
        command = [str(tools / "pg_ctl"), "restart", "-D", str(self.cluster_folder / "data"), "-m", "immediate", "-w", "-s"]
        if os.getuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        # Its output stays with the database, which outlives the command.
        subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       cwd=self.cluster_folder)

    def check_at_rest(self):
        self.verify()

    def store_arguments(self):
        return ["--storage", self.address]

    def _sql(self, *statements):
        for statement in statements:
            subprocess.run(
                ["psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", self.cluster, "-c", statement], check=True, timeout=60,
                stdout=subprocess.DEVNULL)


def make(storage, serve, binary, tmp_path):
    if storage == "sqlite":
        return SQLiteDeployment(serve, binary, tmp_path / "data")
    if "CUPO_POSTGRES" not in os.environ:
        pytest.skip("no PostgreSQL: scripts/with-postgres.sh starts one")
    shown = subprocess.run([binary, "serve", "--help"], capture_output=True, text=True, timeout=20)
    if "postgres:" not in shown.stdout:
        pytest.skip("this binary has no PostgreSQL")
    return PostgresDeployment(serve, binary, tmp_path / "data")
