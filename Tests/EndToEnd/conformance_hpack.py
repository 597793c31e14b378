"""Header blocks that cannot be decoded (RFC 7541): each ends the connection, since the tables of both ends differ now."""
from conformance_generic import INDEXED_GET, with_block
from conformance_peer import COMPRESSION_ERROR, connection_error

BROKEN = connection_error(COMPRESSION_ERROR)

CASES = [
    ("2.3.3", "indexed field beyond the tables", with_block(b"\xff\x1b"), BROKEN),
    ("2.3.3", "literal with a name beyond the tables", with_block(b"\x7f\x1b\x02ok"), BROKEN),
    ("4.2", "table size update at the end of a block", with_block(b"\x3f\x01"), BROKEN),
    # "test" takes 20 bits: 49 50 9 and half a byte of padding, which should be ones.
    ("5.2", "Huffman padding longer than 7 bits", with_block(b"\x00\x01a\x84\x49\x50\x9f\xff"), BROKEN),
    ("5.2", "Huffman padding of zeros", with_block(b"\x00\x01a\x83\x49\x50\x90"), BROKEN),
    ("5.2", "Huffman text with the end-of-string symbol", with_block(b"\x00\x01a\x87\x49\x50\x9f\xff\xff\xff\xd3"),
     BROKEN),
    ("6.1", "indexed field with index 0", with_block(b"\x80"), BROKEN),
    ("6.3", "table size above what was announced", lambda peer: peer.headers(1, b"\x3f\xe2\x1f" + INDEXED_GET), BROKEN),
]
