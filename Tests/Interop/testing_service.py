"""grpc.testing.TestService as both sides see it: its methods, and messages that know whether they came compressed."""
import gzip
import os
import pathlib

import grpc

# The stubs are of a package below `grpc`, which is grpcio's.
grpc.__path__.append(str(pathlib.Path(os.environ["CUPO_INTEROP_STUBS"]) / "grpc"))
from grpc.testing import empty_pb2, messages_pb2  # noqa: E402

Empty = empty_pb2.Empty
BoolValue = messages_pb2.BoolValue
EchoStatus = messages_pb2.EchoStatus
Payload = messages_pb2.Payload
SimpleRequest, SimpleResponse = messages_pb2.SimpleRequest, messages_pb2.SimpleResponse
InputRequest, InputResponse = messages_pb2.StreamingInputCallRequest, messages_pb2.StreamingInputCallResponse
OutputRequest, OutputResponse = messages_pb2.StreamingOutputCallRequest, messages_pb2.StreamingOutputCallResponse
Parameters = messages_pb2.ResponseParameters

INITIAL, TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
SERVICE = "grpc.testing.TestService"
# Hands messages up as they came, which is how a test learns whether they were compressed.
AS_THEY_CAME = ("grpc.per_message_decompression", 0)
METHODS = {
    "EmptyCall": ("unary_unary", Empty, Empty),
    "UnaryCall": ("unary_unary", SimpleRequest, SimpleResponse),
    "CacheableUnaryCall": ("unary_unary", SimpleRequest, SimpleResponse),
    "StreamingOutputCall": ("unary_stream", OutputRequest, OutputResponse),
    "StreamingInputCall": ("stream_unary", InputRequest, InputResponse),
    "FullDuplexCall": ("stream_stream", OutputRequest, OutputResponse),
    "HalfDuplexCall": ("stream_stream", OutputRequest, OutputResponse),
}


class Received:
    """A message, and whether it came compressed."""

    def __init__(self, message, was_compressed):
        self.message, self.was_compressed = message, was_compressed


def receiver(kind):
    def receive(data):
        # No message begins so: 0x1f would be a wire type that there is not.
        was_compressed = data.startswith(b"\x1f\x8b")
        return Received(kind.FromString(gzip.decompress(data) if was_compressed else data), was_compressed)

    return receive


class Stub:
    """The methods by name; answers come as `Received`."""

    def __init__(self, channel):
        for name, (arity, request, response) in METHODS.items():
            call = getattr(channel, arity)(
                f"/{SERVICE}/{name}", request_serializer=request.SerializeToString,
                response_deserializer=receiver(response))
            setattr(self, name, call)


def channel(address):
    # Channels to one address share a connection unless each has a pool of its own.
    return grpc.insecure_channel(address, options=(AS_THEY_CAME, ("grpc.use_local_subchannel_pool", 1)))
