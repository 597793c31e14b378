"""grpc.testing.TestService by grpcio: a server that nobody here wrote, for our client.

It answers on a free port, says `ready address=127.0.0.1:PORT`, and runs until it is killed. `UnimplementedCall` and
`UnimplementedService` have no handler: that is what they are for.
"""
import concurrent.futures
import threading
import time

import grpc
import testing_service as t

THREADS = 16


def echo(context):
    metadata = dict(context.invocation_metadata())
    if t.INITIAL in metadata:
        context.send_initial_metadata(((t.INITIAL, metadata[t.INITIAL]),))
    if t.TRAILING in metadata:
        context.set_trailing_metadata(((t.TRAILING, metadata[t.TRAILING]),))


def check(received, context):
    message = received.message
    if message.HasField("expect_compressed") and message.expect_compressed.value != received.was_compressed:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the request is not what it says")


def status(message, context):
    if message.response_status.code != 0:
        code = next(code for code in grpc.StatusCode if code.value[0] == message.response_status.code)
        context.abort(code, message.response_status.message)


def empty(_, context):
    echo(context)
    return t.Empty()


def unary(received, context):
    request = received.message
    check(received, context)
    if request.response_compressed.value:
        context.set_compression(grpc.Compression.Gzip)
    echo(context)
    status(request, context)
    return t.SimpleResponse(payload=t.Payload(body=bytes(request.response_size)))


def total(requests, context):
    size = 0
    for received in requests:
        check(received, context)
        size += len(received.message.payload.body)
    return t.InputResponse(aggregated_payload_size=size)


def answers(request, context):
    status(request, context)
    for parameters in request.response_parameters:
        if parameters.interval_us:
            time.sleep(parameters.interval_us / 1e6)
        if not parameters.compressed.value:
            context.disable_next_message_compression()
        yield t.OutputResponse(payload=t.Payload(body=bytes(parameters.size)))


def output(received, context):
    if any(parameters.compressed.value for parameters in received.message.response_parameters):
        context.set_compression(grpc.Compression.Gzip)
    echo(context)
    yield from answers(received.message, context)


def full_duplex(requests, context):
    echo(context)
    for received in requests:
        yield from answers(received.message, context)


def half_duplex(requests, context):
    for received in list(requests):
        yield from answers(received.message, context)


HANDLERS = {
    "EmptyCall": empty, "UnaryCall": unary, "CacheableUnaryCall": unary, "StreamingOutputCall": output,
    "StreamingInputCall": total, "FullDuplexCall": full_duplex, "HalfDuplexCall": half_duplex,
}


def handlers():
    for name, (arity, request, response) in t.METHODS.items():
        make = getattr(grpc, f"{arity}_rpc_method_handler")
        yield name, make(
            HANDLERS[name], request_deserializer=t.receiver(request),
            response_serializer=response.SerializeToString)


def main():
    pool = concurrent.futures.ThreadPoolExecutor(THREADS)
    server = grpc.server(pool, options=(t.AS_THEY_CAME,))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(t.SERVICE, dict(handlers())),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"ready address=127.0.0.1:{port}", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
