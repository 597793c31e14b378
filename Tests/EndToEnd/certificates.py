"""Certificates of a test, made by the openssl command: authorities, and what they sign."""
import subprocess


class Certificates:
    """In `folder`: `ca.pem` and `other.pem` are authorities; `issue` makes more, each with its `.key`."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        for name in ("ca", "other"):
            self._request(name, "basicConstraints=critical,CA:TRUE")
        self.issue("server", "DNS:localhost,IP:127.0.0.1")

    def issue(self, name, alternative_names, by="ca"):
        self._request(
            name, f"subjectAltName={alternative_names}", "-addext", "basicConstraints=critical,CA:FALSE",
            "-CA", self.path(f"{by}.pem"), "-CAkey", self.path(f"{by}.key"))

    def path(self, name):
        return str(self.folder / name)

    def bytes(self, name):
        return (self.folder / name).read_bytes()

    def serve_options(self, client_ca=None):
        options = ["--tls-certificate", self.path("server.pem"), "--tls-key", self.path("server.key")]
        return options + (["--tls-client-ca", self.path(client_ca)] if client_ca else [])

    def _request(self, name, extension, *more):
        # Beside the old ones first, so that a server that polls never sees a half-written file.
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-addext", extension, *more, "-keyout", self.path(f"{name}.key.new"),
             "-out", self.path(f"{name}.pem.new")], check=True, capture_output=True)
        for suffix in ("key", "pem"):
            (self.folder / f"{name}.{suffix}.new").rename(self.folder / f"{name}.{suffix}")
