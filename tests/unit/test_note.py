"""Signed notes: the example of C2SP signed-note, verifier keys, and every form that is refused."""

import base64

import pytest

from ledger.errors import MalformedEvidenceError
from ledger.log.note import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    SignatureLine,
    SignedNote,
    decode_base64,
    ed25519_key_id,
    encode_verifier_key,
    parse_note,
    parse_verifier_key,
)
from ledger.log.signatures import verify_ed25519

# c2sp.org/signed-note: the example under "Verifier keys", and the note with an empty line in its text at the top
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
POEM_NOTE = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
)
LINE = "— example.com/foo " + base64.b64encode(b"id__signature").decode() + "\n"


def test_example_of_the_specification_verifies_under_its_verifier_key() -> None:
    name, public_key = parse_verifier_key(EXAMPLE_KEY)
    note = parse_note(EXAMPLE_NOTE)
    (line,) = note.signatures
    assert (line.name, line.key_id) == (name, ed25519_key_id(name, public_key)) == ("example.com/foo", b"S\r\x90:")
    verify_ed25519(public_key, note.text.encode(), line.signature)
    assert encode_verifier_key(name, public_key) == EXAMPLE_KEY


def test_text_with_an_empty_line_ends_at_the_last_one() -> None:
    note = parse_note(POEM_NOTE)
    assert note.text.endswith("sole:\n\ned è subito sera.\n")
    assert note.encode() == POEM_NOTE
    assert parse_note(POEM_NOTE.encode()) == note


@pytest.mark.parametrize("count", [16, MAX_SIGNATURES])
def test_note_with_as_many_signatures_as_allowed_parses(count: int) -> None:
    assert len(parse_note("text\n\n" + LINE * count).signatures) == count


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        "text" + LINE,
        "text\n" + LINE,
        LINE,
        "text\n\n" + LINE.rstrip("\n"),
        "text\n\n" + LINE + "\n",
        "text\n\n" + LINE + "trailing",
        "text\n\n" + LINE * (MAX_SIGNATURES + 1),
        "text\r\n\n" + LINE,
        "te\x00xt\n\n" + LINE,
        "te\txt\n\n" + LINE,
        "te\x1fxt\n\n" + LINE,
        "text\n\n" + LINE.replace("—", "-"),
        "text\n\n" + LINE.replace("— ", "—"),
        "text\n\n" + LINE.replace("— ", "—  "),
        "text\n\n" + LINE.replace("foo ", "foo  "),
        "text\n\n" + LINE.replace("foo", "f+o"),
        "text\n\n" + LINE.replace("foo", "f\u00a0o"),
        "text\n\n" + LINE.replace("foo", "f\u2028o"),
        "text\n\n— example.com/foo\n",
        "text\n\n—  " + LINE.split(" ")[2],
        "text\n\n— foo \n",
        "text\n\n— foo " + base64.b64encode(b"only").decode() + "\n",
        "text\n\n— foo " + base64.b64encode(b"id").decode() + "\n",
        "text\n\n— foo !!!!\n",
        "text\n\n— foo " + base64.b64encode(b"id__signatu").decode().rstrip("=") + "\n",
        "text\n\n— foo aWRfX3N=\n",  # bits set that no byte uses
        "text\n\n— foo aWRf X3Mx\n",
        "te\ud800xt\n\n" + LINE,
        b"te\xffxt\n\n" + LINE.encode(),
        "t" * MAX_NOTE_BYTES + "\n\n" + LINE,
    ],
)
def test_note_of_another_form_is_refused(note: str | bytes) -> None:
    with pytest.raises(MalformedEvidenceError):
        parse_note(note)


@pytest.mark.parametrize("text", ["=", "YQ", "YQ=", "YR==", "YQ==\n", " YQ==", "YQ== ", "YQ==YQ==", "Y-_=", "é"])
def test_base64_of_another_form_is_refused(text: str) -> None:
    assert decode_base64("YQ==") == b"a"
    with pytest.raises(MalformedEvidenceError):
        decode_base64(text)


@pytest.mark.parametrize(
    "verifier_key",
    [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        EXAMPLE_KEY.replace("530d903a", "530d903b"),
        EXAMPLE_KEY.replace("530d903a", "530D903A"),
        EXAMPLE_KEY.replace("foo", "fop"),
        EXAMPLE_KEY.replace("foo", "f o"),
        EXAMPLE_KEY.replace("example.com/foo", ""),
        EXAMPLE_KEY + "\n",
        EXAMPLE_KEY + "AAAA",
        EXAMPLE_KEY[:-4],
        EXAMPLE_KEY.replace("+Ae", "+Be"),
    ],
)
def test_verifier_key_of_another_form_is_refused(verifier_key: str) -> None:
    with pytest.raises(MalformedEvidenceError):
        parse_verifier_key(verifier_key)


def test_verifier_key_of_a_short_key_or_bad_name_is_refused() -> None:
    for name, key in (("foo", bytes(31)), ("f oo", bytes(32)), ("f\ud800o", bytes(32))):
        with pytest.raises(MalformedEvidenceError):
            encode_verifier_key(name, key)


def test_note_encodes_its_lines_in_order() -> None:
    lines = tuple(SignatureLine("foo", b"abcd", bytes([number])) for number in (2, 1))
    note = SignedNote("text\n", lines)
    assert parse_note(note.encode()).signatures == lines
