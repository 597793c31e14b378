"""The cases of gRPC's interoperability tests as a client by grpcio plays them; `CASES` has them by name.

Not for how a server is started. The one thing to know before changing it: every call has a deadline, so that a server
that does not answer fails a case instead of stopping the run.
"""
import itertools
import os
import queue
import time

import grpc
import testing_service as t

SECONDS = 20
CASES = {}
SPECIAL_MESSAGE = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
SIZES_OUT, SIZES_IN = (31_415, 9, 2_653, 58_979), (27_182, 8, 1_828, 45_904)


def case(function):
    CASES[function.__name__] = function
    return function


def payload(size):
    return t.Payload(body=bytes(size))


def failure(call):
    """The error that `call` has to end with."""
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call succeeded")


def large_unary_call(stub, **more):
    request = t.SimpleRequest(response_size=314_159, payload=payload(271_828))
    answer = stub.UnaryCall(request, timeout=SECONDS, **more).message
    assert answer.payload == payload(314_159)


class Requests:
    """Requests that a test sends one after another while the call runs."""

    def __init__(self):
        self._queue = queue.SimpleQueue()

    def __iter__(self):
        return self

    def __next__(self):
        message = self._queue.get()
        if message is None:
            raise StopIteration
        return message

    def send(self, message):
        self._queue.put(message)

    def end(self):
        self._queue.put(None)


@case
def empty_unary(stub, _):
    assert stub.EmptyCall(t.Empty(), timeout=SECONDS).message == t.Empty()


@case
def cacheable_unary(stub, _):
    answer = stub.CacheableUnaryCall(t.SimpleRequest(response_size=5), timeout=SECONDS).message
    assert answer.payload == payload(5)


@case
def large_unary(stub, _):
    large_unary_call(stub)


@case
def client_compressed_unary(stub, _):
    def call(expected, **more):
        request = t.SimpleRequest(
            response_size=314_159, payload=payload(271_828), expect_compressed=t.BoolValue(value=expected))
        return stub.UnaryCall(request, timeout=SECONDS, **more)

    assert failure(lambda: call(True)).code() == grpc.StatusCode.INVALID_ARGUMENT
    assert call(True, compression=grpc.Compression.Gzip).message.payload == payload(314_159)
    assert call(False).message.payload == payload(314_159)
    assert failure(lambda: call(False, compression=grpc.Compression.Gzip)).code() == grpc.StatusCode.INVALID_ARGUMENT


@case
def server_compressed_unary(stub, _):
    for wanted in (True, False):
        request = t.SimpleRequest(
            response_size=314_159, payload=payload(271_828), response_compressed=t.BoolValue(value=wanted))
        answer = stub.UnaryCall(request, timeout=SECONDS)
        assert (answer.was_compressed, answer.message.payload) == (wanted, payload(314_159))


@case
def client_streaming(stub, _):
    requests = [t.InputRequest(payload=payload(size)) for size in SIZES_IN]
    assert stub.StreamingInputCall(iter(requests), timeout=SECONDS).message.aggregated_payload_size == 74_922


@case
def client_compressed_streaming(stub, _):
    expect, unexpected = t.BoolValue(value=True), t.BoolValue(value=False)
    probe = t.InputRequest(payload=payload(27_182), expect_compressed=expect)
    error = failure(lambda: stub.StreamingInputCall(iter([probe]), timeout=SECONDS))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    # grpcio has no way to send one message of a compressed call plain, but does so where compressing gains nothing.
    noise = t.InputRequest(payload=t.Payload(body=os.urandom(45_904)), expect_compressed=unexpected)
    answer = stub.StreamingInputCall(iter([probe, noise]), timeout=SECONDS, compression=grpc.Compression.Gzip)
    assert answer.message.aggregated_payload_size == 73_086


@case
def server_streaming(stub, _):
    request = t.OutputRequest(response_parameters=[t.Parameters(size=size) for size in SIZES_OUT])
    answers = stub.StreamingOutputCall(request, timeout=SECONDS)
    assert [len(answer.message.payload.body) for answer in answers] == list(SIZES_OUT)


@case
def server_compressed_streaming(stub, _):
    wanted = [(31_415, True), (92_653, False)]
    for order in (wanted, wanted[::-1]):
        parameters = [t.Parameters(size=size, compressed=t.BoolValue(value=flag)) for size, flag in order]
        answers = stub.StreamingOutputCall(t.OutputRequest(response_parameters=parameters), timeout=SECONDS)
        assert [(len(a.message.payload.body), a.was_compressed) for a in answers] == order


@case
def ping_pong(stub, _):
    requests = Requests()
    answers = stub.FullDuplexCall(requests, timeout=SECONDS)
    for size_out, size_in in zip(SIZES_OUT, SIZES_IN):
        requests.send(t.OutputRequest(response_parameters=[t.Parameters(size=size_out)], payload=payload(size_in)))
        assert len(next(answers).message.payload.body) == size_out
    requests.end()
    assert list(answers) == []


@case
def empty_stream(stub, _):
    assert list(stub.FullDuplexCall(iter(()), timeout=SECONDS)) == []


@case
def half_duplex(stub, _):
    requests = Requests()
    answers = stub.HalfDuplexCall(requests, timeout=SECONDS)
    for size in SIZES_OUT:
        requests.send(t.OutputRequest(response_parameters=[t.Parameters(size=size)], payload=payload(1_000)))
    requests.end()
    assert [len(answer.message.payload.body) for answer in answers] == list(SIZES_OUT)


@case
def custom_metadata(stub, _):
    metadata = ((t.INITIAL, "test_initial_metadata_value"), (t.TRAILING, b"\xab\xab\xab"))
    request = t.SimpleRequest(response_size=314_159, payload=payload(271_828))
    _, unary = stub.UnaryCall.with_call(request, metadata=metadata, timeout=SECONDS)
    duplex = stub.FullDuplexCall(
        iter([t.OutputRequest(response_parameters=[t.Parameters(size=314_159)], payload=payload(271_828))]),
        metadata=metadata, timeout=SECONDS)
    assert len(list(duplex)) == 1
    for call in (unary, duplex):
        assert dict(call.initial_metadata())[t.INITIAL] == "test_initial_metadata_value"
        assert dict(call.trailing_metadata())[t.TRAILING] == b"\xab\xab\xab"


def _status(stub, code, message):
    status = t.EchoStatus(code=code, message=message)
    unary = failure(lambda: stub.UnaryCall(t.SimpleRequest(response_status=status), timeout=SECONDS))
    requests = iter([t.OutputRequest(response_status=status)])
    duplex = failure(lambda: list(stub.FullDuplexCall(requests, timeout=SECONDS)))
    for error in (unary, duplex):
        assert (error.code().value[0], error.details()) == (code, message)


@case
def status_code_and_message(stub, _):
    _status(stub, 2, "test status message")


@case
def special_status_message(stub, _):
    _status(stub, 2, SPECIAL_MESSAGE)


@case
def unimplemented_method(_, channel):
    call = channel.unary_unary(f"/{t.SERVICE}/UnimplementedCall")
    assert failure(lambda: call(b"", timeout=SECONDS)).code() == grpc.StatusCode.UNIMPLEMENTED


@case
def unimplemented_service(_, channel):
    call = channel.unary_unary("/grpc.testing.UnimplementedService/UnimplementedCall")
    assert failure(lambda: call(b"", timeout=SECONDS)).code() == grpc.StatusCode.UNIMPLEMENTED


@case
def cancel_after_begin(stub, _):
    call = stub.StreamingInputCall.future(Requests(), timeout=SECONDS)
    call.cancel()
    assert call.cancelled() and call.code() == grpc.StatusCode.CANCELLED
    empty_unary(stub, _)


@case
def cancel_after_first_response(stub, _):
    requests = Requests()
    answers = stub.FullDuplexCall(requests, timeout=SECONDS)
    requests.send(t.OutputRequest(response_parameters=[t.Parameters(size=31_415)], payload=payload(27_182)))
    assert len(next(answers).message.payload.body) == 31_415
    answers.cancel()
    error = failure(lambda: next(answers))
    assert error.code() == grpc.StatusCode.CANCELLED
    requests.end()
    empty_unary(stub, _)


@case
def timeout_on_sleeping_server(stub, _):
    requests = Requests()
    requests.send(t.OutputRequest(payload=payload(27_182)))
    error = failure(lambda: list(stub.FullDuplexCall(requests, timeout=0.001)))
    assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    requests.end()
    sleeper = t.OutputRequest(response_parameters=[t.Parameters(size=1, interval_us=10_000_000)])
    began = time.monotonic()
    error = failure(lambda: list(stub.StreamingOutputCall(sleeper, timeout=0.3)))
    assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED and time.monotonic() - began < 5


@case
def rpc_soak(stub, _):
    for _ in range(100):
        large_unary_call(stub)


@case
def channel_soak(_, channel):
    for _ in range(20):
        with t.channel(channel.address) as fresh:
            large_unary_call(t.Stub(fresh))


@case
def slow_consumer(stub, _):
    """Far more than windows and buffers hold: the server has to wait for a reader that takes its time."""
    count, size = 200, 100_000
    request = t.OutputRequest(response_parameters=[t.Parameters(size=size)] * count)
    answers = stub.StreamingOutputCall(request, timeout=SECONDS)
    for number in itertools.count():
        answer = next(answers, None)
        if answer is None:
            break
        assert len(answer.message.payload.body) == size
        if number % 20 == 0:
            time.sleep(0.1)
    assert number == count
