"""The one call that needs no client library: its bytes, as RFC 7541 and RFC 9113 have them."""
import pytest

import served


def test_strings_have_their_length_before_them():
    assert served.text("") == b"\x00" and served.text("abc") == b"\x03abc"
    assert served.text("x" * 126)[0] == 126
    assert served.text("x" * 127)[:3] == b"\x7f\x00x"
    assert served.text("x" * 254)[:3] == b"\x7f\x7fx"
    # RFC 7541, appendix C.1.2, has 1337 in a prefix of 5 bits; in 7 bits it is 127 and 1210.
    assert served.text("x" * 1_337)[:4] == b"\x7f\xba\x09x"


def test_a_call_is_a_preface_and_three_frames():
    sent = served.request("/a/b", "token", b"body")
    assert sent.startswith(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    found, place = [], 24
    while place < len(sent):
        length = int.from_bytes(sent[place:place + 3], "big")
        found.append((sent[place + 3], sent[place + 4], int.from_bytes(sent[place + 5:place + 9], "big"), sent[place + 9:place + 9 + length]))
        place += 9 + length
    assert place == len(sent)
    assert [frame[:3] for frame in found] == [(4, 0, 0), (1, 4, 1), (0, 1, 1)]
    assert b"\x0dauthorization\x0cBearer token" in found[1][3]
    assert found[2][3] == b"\0\0\0\0\x04body"


class Pipe:
    """A connection whose bytes come one by one."""

    def __init__(self, data):
        self.data = data

    def recv(self, count):
        found, self.data = self.data[:1], self.data[1:]
        return found


def test_frames_are_read_to_the_end():
    data = served.frame(4, 0, 0, b"settings") + served.frame(0, 1, 1, b"x" * 300)
    assert list(served.frames(Pipe(data))) == [(4, 0, 0), (0, 1, 1)]
    assert list(served.frames(Pipe(data[:10]))) in ([], [(4, 0, 0)])


def test_a_command_that_is_given_up_can_end_what_it_has_started(tmp_path):
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntrap 'echo ended > {tmp_path}/end; exit 0' TERM\nwhile :; do sleep 0.05; done\n")
    program.chmod(0o755)
    with pytest.raises(served.NotServed, match="within 0.5 s"):
        served.run([program], 0.5)
    assert (tmp_path / "end").read_text() == "ended\n"
    program.write_text('#!/bin/sh\necho "$GIVEN$CUPO_TARGET"; echo wrong >&2; exit 3\n')
    assert served.run([program], 5, GIVEN="environment") == (3, "environment\n", "wrong\n")
