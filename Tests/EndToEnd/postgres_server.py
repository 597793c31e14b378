"""A PostgreSQL of its own for a test, by scripts/with-postgres.sh: it ends with the test, whatever happens to that."""
import pathlib
import os
import pwd
import subprocess

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/with-postgres.sh"


class PostgresServer:
    def __init__(self, *settings):
        options = [part for setting in settings for part in ("-c", setting)]
        command = [SCRIPT, *options, "sh", "-c", 'echo "$CUPO_POSTGRES"; echo "$CUPO_POSTGRES_FOLDER"; cat']
        # The script ends when its standard input does, also when nobody is left to end it.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address, self.folder = (self.process.stdout.readline().strip() for _ in range(2))
        assert self.folder, "PostgreSQL does not start"

    def control(self, *arguments):
        """`pg_ctl`, as the one who owns the server."""
        owner = pwd.getpwuid(os.stat(f"{self.folder}/data").st_uid).pw_name
        as_owner = ["runuser", "-u", owner, "--"] if os.getuid() == 0 else []
        binary = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))[-1]
        subprocess.run(
            [*as_owner, binary, "-D", f"{self.folder}/data", "-l", f"{self.folder}/data/again.log", "-s", "-w", *arguments],
            check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def crash(self):
        """Ends it without a checkpoint, as a power cut does."""
        self.control("stop", "-m", "immediate")

    def start(self):
        self.control("start", "-o", " ".join(self._options()))

    def _options(self):
        with open(f"{self.folder}/data/postmaster.opts") as options:
            return [part for part in options.read().split()[1:] if not part.startswith(('"-D', f'"{self.folder}/data'))]

    def query(self, statement):
        """The first column of the first row, as text."""
        done = subprocess.run(
            ["psql", "-q", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.address, "-c", statement], check=True,
            stdout=subprocess.PIPE, text=True, timeout=60)
        return done.stdout.strip()

    def stop(self):
        self.process.stdin.close()
        self.process.wait(60)

    def copy(self):
        """The files of a server that does not run, to go back to."""
        subprocess.run(["cp", "-a", f"{self.folder}/data", f"{self.folder}/copy"], check=True)

    def go_back(self):
        """As a failover to a standby that was behind: what was committed since the copy is lost."""
        subprocess.run(["rm", "-rf", f"{self.folder}/data"], check=True)
        subprocess.run(["mv", f"{self.folder}/copy", f"{self.folder}/data"], check=True)
