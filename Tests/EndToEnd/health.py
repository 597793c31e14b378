"""grpc.health.v1 by Python's gRPC. Its stubs would hide the package `grpc`, so the two messages are written by hand."""
UNKNOWN, SERVING, NOT_SERVING, SERVICE_UNKNOWN = range(4)


def _request(service):
    name = service.encode()
    return bytes([0x0A, len(name)]) + name if name else b""


def _status(message):
    return message[1] if message else UNKNOWN


class Health:
    def __init__(self, channel):
        self._check = channel.unary_unary("/grpc.health.v1.Health/Check", _request, _status)
        self._watch = channel.unary_stream("/grpc.health.v1.Health/Watch", _request, _status)

    def check(self, service=""):
        return self._check(service, timeout=10)

    def watch(self, service="", timeout=60):
        return self._watch(service, timeout=timeout)
