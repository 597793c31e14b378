"""Python's protobuf as the other side: makes random messages, and judges what came back.

    roundtrip.py make DESCRIPTORS SEED COUNT     prints "full.Name hex" lines
    roundtrip.py compare DESCRIPTORS FIRST SECOND     fails where two files of such lines differ in meaning
"""
import random
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def load(path):
    pool = descriptor_pool.DescriptorPool()
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as stream:
        files.ParseFromString(stream.read())
    for file in files.file:
        pool.Add(file)
    messages = []

    def add(message):
        messages.append(message)
        for nested in message.nested_types:
            add(nested)

    for file in files.file:
        if file.package == "cupo.capacity.v1":
            for name in pool.FindFileByName(file.name).message_types_by_name.values():
                add(name)
    return {m.full_name: message_factory.GetMessageClass(m) for m in messages}


def scalar(field, rng):
    kind = field.cpp_type
    if kind == field.CPPTYPE_STRING:
        text = "".join(rng.choice("aZ0 ñ世😀") for _ in range(rng.randint(0, 20)))
        return text if field.type == field.TYPE_STRING else text.encode() + bytes([0, 255])
    if kind == field.CPPTYPE_BOOL:
        return rng.random() < 0.5
    if kind == field.CPPTYPE_ENUM:
        return rng.choice([0, 1, 2, 9999, -3])
    bits = 64 if kind in (field.CPPTYPE_INT64, field.CPPTYPE_UINT64) else 32
    signed = kind in (field.CPPTYPE_INT32, field.CPPTYPE_INT64)
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return rng.choice([low, high, 0, 1, rng.randint(low, high)])


def fill(message, rng, depth):
    for field in message.DESCRIPTOR.fields:
        if rng.random() < 0.4:
            continue
        is_message = field.cpp_type == field.CPPTYPE_MESSAGE
        if is_message and depth > 4:
            continue
        if field.is_repeated:
            for _ in range(rng.randint(0, 3)):
                if is_message:
                    fill(getattr(message, field.name).add(), rng, depth + 1)
                else:
                    getattr(message, field.name).append(scalar(field, rng))
        elif is_message:
            part = getattr(message, field.name)
            part.SetInParent()
            fill(part, rng, depth + 1)
        else:
            setattr(message, field.name, scalar(field, rng))


def make(classes, seed, count):
    rng = random.Random(seed)
    for name in sorted(classes):
        for _ in range(count):
            message = classes[name]()
            fill(message, rng, 0)
            print(name, message.SerializeToString().hex())


def compare(classes, first, second):
    with open(first) as ours, open(second) as theirs:
        pairs = list(zip(ours.read().splitlines(), theirs.read().splitlines(), strict=True))
    for one, two in pairs:
        name, _, before = one.partition(" ")
        other, _, after = two.partition(" ")
        assert name == other, (name, other)
        parse = classes[name].FromString
        assert parse(bytes.fromhex(before)) == parse(bytes.fromhex(after)), (one, two)
    print(len(pairs))


if __name__ == "__main__":
    known = load(sys.argv[2])
    if sys.argv[1] == "make":
        make(known, int(sys.argv[3]), int(sys.argv[4]))
    else:
        compare(known, sys.argv[3], sys.argv[4])
