"""What a server must understand (RFC 9113 and RFC 7541, the parts that every client may use)."""
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH

from conformance_peer import *

OPEN = END_HEADERS
WEIGHT_16 = b"\x00\x00\x00\x00\x0f"


def huffman(text):
    coded = HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH).encode(text.encode())
    return bytes([0x80 | len(coded)]) + coded


def plain(text):
    return bytes([len(text)]) + text.encode()


INDEXED_GET = b"\x82\x86\x84" + b"\x01" + plain("localhost")


def steps(*actions):
    """Each action is the arguments of `frame`; all leave in one write, so that no answer comes between two of them."""
    return lambda peer: peer.write(b"".join(frame(*action) for action in actions))


def get_then(*actions):
    return steps((HEADERS, END_STREAM | END_HEADERS, 1, block(GET)), *actions)


def post_then(*actions):
    return steps((HEADERS, OPEN, 1, block(POST)), *actions)


def with_block(more):
    return steps((HEADERS, END_STREAM | END_HEADERS, 1, INDEXED_GET + more))


def priority(value):
    return steps((PRIORITY, 0, 1, value), (HEADERS, END_STREAM | END_HEADERS, 1, block(GET)))


def after_answer(*actions):
    def run(peer):
        peer.headers(1)
        peer.finish(1)
        steps(*actions)(peer)
    return run


def lower_than_prioritized(peer):
    peer.send(PRIORITY, 0, 5, WEIGHT_16)
    peer.headers(3)


def in_parts(parts):
    def run(peer):
        pieces = [block([field]) for field in GET]
        pieces = pieces[:parts - 1] + [b"".join(pieces[parts - 1:])]
        for index, piece in enumerate(pieces):
            last = END_HEADERS if index == len(pieces) - 1 else 0
            peer.send(CONTINUATION if index else HEADERS, last | (0 if index else END_STREAM), 1, piece)
    return run


def with_trailers(peer):
    peer.headers(1, request("POST", ("trailer", "x-test")), OPEN)
    peer.data(1, flags=0)
    peer.headers(1, [("x-test", "ok")])


def settings_acknowledged(peer):
    assert peer.until(lambda f: f[0] == SETTINGS and f[1] & ACK)


def goes_away(peer):
    peer.send(GOAWAY, payload=struct.pack(">II", 0, NO_ERROR))


def settings_come_first(peer):
    assert peer.until(lambda f: True)[0] == SETTINGS


def begin(peer):
    peer.write(PREFACE + frame(SETTINGS))


# Section, what the peer does, what it does it by, what it expects.
CASES = [
    ("1", "preface", begin, settings_come_first),
    ("2", "PRIORITY on an idle stream", priority(WEIGHT_16), answered()),
    ("2", "WINDOW_UPDATE on a half-closed stream", get_then((WINDOW_UPDATE, 0, 1, b"\0\0\0\x01")), answered()),
    ("2", "PRIORITY on a half-closed stream", get_then((PRIORITY, 0, 1, WEIGHT_16)), answered()),
    ("2", "RST_STREAM on a half-closed stream", get_then((RST_STREAM, 0, 1, b"\0\0\0\x08")), alive),
    ("2", "PRIORITY on a closed stream", after_answer((PRIORITY, 0, 1, WEIGHT_16)), alive),
    ("3.1", "DATA", post_then((DATA, END_STREAM, 1, b"test")), answered()),
    ("3.1", "several DATA", post_then((DATA, 0, 1, b"test"), (DATA, END_STREAM, 1, b"test")), answered()),
    ("3.1", "DATA with padding", post_then((DATA, END_STREAM | PADDED, 1, b"\x06test" + bytes(6))), answered()),
    ("3.2", "HEADERS", get_then(), answered()),
    ("3.2", "HEADERS with padding",
     steps((HEADERS, END_STREAM | END_HEADERS | PADDED, 1, b"\x06" + block(GET) + bytes(6))), answered()),
    ("3.2", "HEADERS with priority",
     steps((HEADERS, END_STREAM | END_HEADERS | PRIORITIZED, 1, WEIGHT_16 + block(GET))), answered()),
    ("3.3", "PRIORITY of weight 1", priority(bytes(5)), answered()),
    ("3.3", "PRIORITY of weight 256", priority(b"\0\0\0\0\xff"), answered()),
    ("3.3", "PRIORITY with a dependency", priority(b"\0\0\0\x03\xff"), answered()),
    ("3.3", "exclusive PRIORITY", priority(b"\x80\0\0\x03\xff"), answered()),
    ("3.3", "PRIORITY of an idle stream, then HEADERS of a lower one", lower_than_prioritized, answered(3)),
    ("3.4", "RST_STREAM", post_then((RST_STREAM, 0, 1, b"\0\0\0\x08")), alive),
    ("3.5", "SETTINGS", steps((SETTINGS, 0, 0, settings((MAX_CONCURRENT_STREAMS, 100)))), settings_acknowledged),
    ("3.7", "PING", steps(), alive),
    ("3.8", "GOAWAY", goes_away, closed),
    ("3.9", "WINDOW_UPDATE of the connection", steps((WINDOW_UPDATE, 0, 0, b"\0\0\0\x01")), alive),
    ("3.9", "WINDOW_UPDATE of a stream", post_then((WINDOW_UPDATE, 0, 1, b"\0\0\0\x01"), (DATA, END_STREAM, 1)),
     answered()),
    ("3.10", "CONTINUATION", in_parts(2), answered()),
    ("3.10", "several CONTINUATIONs", in_parts(4), answered()),
    ("4", "GET", get_then(), answered(status=("200",))),
    ("4", "HEAD", steps((HEADERS, END_STREAM | END_HEADERS, 1, block(request("HEAD")))), answered(status=("200",))),
    ("4", "POST", post_then((DATA, END_STREAM, 1, b"test")), answered()),
    ("4", "POST with trailers", with_trailers, answered()),
    ("5", "indexed field", with_block(b""), answered()),
    ("5", "indexing, indexed name", with_block(b"\x7a" + plain("agent")), answered()),
    ("5", "indexing, indexed name, Huffman", with_block(b"\x7a" + huffman("agent")), answered()),
    ("5", "indexing, new name", with_block(b"\x40" + plain("x-test") + plain("ok")), answered()),
    ("5", "indexing, new name, Huffman", with_block(b"\x40" + huffman("x-test") + huffman("ok")), answered()),
    ("5", "not indexed, indexed name", with_block(b"\x0f\x2b" + plain("agent")), answered()),
    ("5", "not indexed, indexed name, Huffman", with_block(b"\x0f\x2b" + huffman("agent")), answered()),
    ("5", "not indexed, new name", with_block(b"\x00" + plain("x-test") + plain("ok")), answered()),
    ("5", "not indexed, new name, Huffman", with_block(b"\x00" + huffman("x-test") + huffman("ok")), answered()),
    ("5", "never indexed, indexed name", with_block(b"\x1f\x2b" + plain("agent")), answered()),
    ("5", "never indexed, indexed name, Huffman", with_block(b"\x1f\x2b" + huffman("agent")), answered()),
    ("5", "never indexed, new name", with_block(b"\x10" + plain("x-test") + plain("ok")), answered()),
    ("5", "never indexed, new name, Huffman", with_block(b"\x10" + huffman("x-test") + huffman("ok")), answered()),
    ("5", "table size update", steps((HEADERS, 5, 1, b"\x3f\xe1\x1f" + INDEXED_GET)), answered()),
    ("5", "two table size updates", steps((HEADERS, 5, 1, b"\x20\x3f\xe1\x1f" + INDEXED_GET)), answered()),
]
