"""Calls by grpcurl, with the options that the README shows."""
import json
import pathlib
import subprocess
import sys

import identity

PROTOS = ["cupo/capacity/v1/inventory.proto", "cupo/capacity/v1/reservation.proto",
          "cupo/capacity/v1/availability.proto", "google/rpc/error_details.proto"]
SERVICES = "cupo.capacity.v1."


def tool():
    """The grpcurl of the virtual environment, or else of the system."""
    own = pathlib.Path(sys.executable).with_name("grpcurl")
    return str(own) if own.exists() else "grpcurl"


class Grpcurl:
    def __init__(self, root, address):
        self.command = [tool(), "-plaintext", "-import-path", str(root / "proto")]
        for proto in PROTOS:
            self.command += ["-proto", proto]
        for name, value in identity.header():
            self.command += ["-H", f"{name}: {value}"]
        self.address = address

    def start(self, method, request, *options):
        return subprocess.Popen(
            [*self.command, *options, "-d", json.dumps(request), self.address, SERVICES + method],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, method, request, *options):
        """Exit status, standard output, standard error."""
        process = self.start(method, request, *options)
        output, errors = process.communicate(timeout=30)
        return process.returncode, output, errors

    def call(self, method, request, *options):
        """The answer, decoded; grpcurl leaves out what is zero."""
        status, output, errors = self.run(method, request, *options)
        assert status == 0, errors
        return json.loads(output)


def stream(output):
    """The messages of a stream that grpcurl printed."""
    decoder, messages = json.JSONDecoder(), []
    output = output.strip()
    while output:
        message, end = decoder.raw_decode(output)
        messages.append(message)
        output = output[end:].lstrip()
    return messages
