"""Reads and writes exports by docs/export-format.md alone, sharing no code with Cupo.

The one thing to know before changing it: where it and Cupo disagree, the page decides who is wrong.
"""
import struct

# Version 1 has no audit log.
MAGICS = {1: b"CUPOEXP\x01", 2: b"CUPOEXP\x02"}
HEAD, RESOURCE, PRODUCT, BALANCE, POOL, EVENT, RESERVATION, KEY, END = 1, 2, 3, 4, 5, 6, 7, 8, 255
AUDIT_ENTRY, AUDIT_END = 9, 10
MASK = (1 << 64) - 1


def _table():
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ 0x82F63B78 if value & 1 else value >> 1
        yield value


_TABLE = tuple(_table())


def crc32c(data):
    state, table = 0xFFFFFFFF, _TABLE
    for byte in data:
        state = table[(state ^ byte) & 0xFF] ^ state >> 8
    return state ^ 0xFFFFFFFF


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value):
    return varint((value << 1 ^ value >> 63) & MASK)


def text(value):
    data = value.encode()
    return varint(len(data)) + data


class Fields:
    """The fields of a record, one after the other."""

    def __init__(self, data):
        self.data, self.position = data, 0

    def unsigned(self):
        value = shift = 0
        while True:
            byte = self.data[self.position]
            self.position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self):
        value = self.unsigned()
        return value >> 1 ^ -(value & 1)

    def bytes(self):
        count = self.unsigned()
        self.position += count
        return self.data[self.position - count:self.position]

    def is_at_end(self):
        return self.position == len(self.data)


def read(path):
    """(kind, record) in order, every checksum looked at."""
    data = path.read_bytes()
    assert data[:8] in MAGICS.values()
    position, number = 8, 0
    while position < len(data):
        kind, index, length = struct.unpack_from("<BII", data, position)
        assert index == number
        end = position + 9 + length
        assert crc32c(data[position:end]) == struct.unpack_from("<I", data, end)[0]
        records = Fields(data[position + 9:end])
        while not records.is_at_end():
            yield kind, records.bytes()
        position, number = end + 4, number + 1


def hashed(record):
    value = 0xCBF29CE484222325
    for byte in record:
        value = (value ^ byte) * 0x100000001B3 & MASK
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & MASK
    return value ^ value >> 31


class Writer:
    """Writes records of ascending kinds."""

    def __init__(self, file, version=2):
        self.file, self.kind, self.payload, self.number = file, HEAD, bytearray(), 0
        self.sums = {kind: [0, 0] for kind in range(HEAD, {1: KEY, 2: AUDIT_END}[version] + 1)}
        file.write(MAGICS[version])

    def add(self, kind, record, has_definition=False):
        if kind != self.kind or len(self.payload) >= 1 << 20:
            self._close()
        self.kind = kind
        if kind not in (HEAD, END):
            entry = self.sums[kind]
            entry[0] += 1
            entry[1] = entry[1] + hashed(bytes(sorted(record)) if has_definition else record) & MASK
        self.payload += varint(len(record)) + record

    def finish(self):
        self._close()
        self.kind = END
        record = b"".join(varint(count) + varint(total) for count, total in self.sums.values())
        self.payload += varint(len(record)) + record
        self._close()

    def _close(self):
        if self.payload:
            block = struct.pack("<BII", self.kind, self.number, len(self.payload)) + self.payload
            self.file.write(block + struct.pack("<I", crc32c(block)))
            self.number, self.payload = self.number + 1, bytearray()
