"""Checkpoints: exactly three lines, two signatures of the log, unknown keys ignored, known keys that fail refused."""

import base64
from collections.abc import Callable

import pytest
from support.signing import ed25519_signer, ethereum_signer, load_formats, vector_identity

from ledger.errors import LedgerError, MalformedEvidenceError, SignatureError
from ledger.log.checkpoint import (
    Checkpoint,
    SignatureLine,
    SignedNote,
    anchor_key_id,
    open_checkpoint,
    parse_checkpoint_body,
    parse_note,
    sign_checkpoint,
)
from ledger.log.hashing import EMPTY_ROOT
from ledger.log.typed_data import SECP256K1_ORDER

IDENTITY = vector_identity()
KEYS = load_formats("keys.json")
NOTE = load_formats("checkpoints.json")[3]["note"]
ROOT = base64.b64encode(bytes(range(32))).decode()
CHECKPOINT = Checkpoint(IDENTITY.origin, 7, bytes(range(32)))
STRANGER_ED25519 = ed25519_signer("11" * 32)
STRANGER_ETHEREUM = ethereum_signer("22" * 32)


def _signers() -> tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]:
    return ed25519_signer(KEYS["checkpoint_private_key"]), ethereum_signer(KEYS["anchor_private_key"])


def _with_lines(change: Callable[[list[SignatureLine]], list[SignatureLine]]) -> str:
    note = parse_note(NOTE)
    return SignedNote(note.text, tuple(change(list(note.signatures)))).encode()


@pytest.mark.parametrize("tree_size", [0, 1, 9, 10, 2**63, 2**64 - 1])
def test_checkpoint_body_reads_back_as_written(tree_size: int) -> None:
    checkpoint = Checkpoint("log.example/2026", tree_size, bytes(range(32)) if tree_size else EMPTY_ROOT)
    assert parse_checkpoint_body(checkpoint.encode()) == checkpoint
    assert parse_checkpoint_body(checkpoint.encode().decode()) == checkpoint


@pytest.mark.parametrize(
    "body",
    [
        "",
        f"log\n7\n{ROOT}",
        f"log\n7\n{ROOT}\n\n",
        f"log\n7\n{ROOT}\nextension\n",
        f"\nlog\n7\n{ROOT}\n",
        f"\n7\n{ROOT}\n",
        f"lo g\n7\n{ROOT}\n",
        f"lo+g\n7\n{ROOT}\n",
        f"log\n\n{ROOT}\n",
        f"log\n07\n{ROOT}\n",
        f"log\n00\n{ROOT}\n",
        f"log\n+7\n{ROOT}\n",
        f"log\n-7\n{ROOT}\n",
        f"log\n 7\n{ROOT}\n",
        f"log\n7 \n{ROOT}\n",
        f"log\n1_0\n{ROOT}\n",
        f"log\n7.0\n{ROOT}\n",
        f"log\n0x7\n{ROOT}\n",
        f"log\n\u0667\n{ROOT}\n",
        f"log\n{2**64}\n{ROOT}\n",
        f"log\n1{'0' * 5000}\n{ROOT}\n",
        f"log\n0\n{ROOT}\n",
        f"log\n7\n{ROOT[:-1]}\n",
        f"log\n7\n{ROOT[:-2]}9=\n",
        f"log\n7\n{base64.b64encode(bytes(31)).decode()}\n",
        f"log\n7\n{base64.b64encode(bytes(33)).decode()}\n",
        f"log\r\n7\r\n{ROOT}\r\n",
        b"l\xffg\n7\n" + ROOT.encode() + b"\n",
    ],
)
def test_checkpoint_body_of_another_form_is_refused(body: str | bytes) -> None:
    with pytest.raises(MalformedEvidenceError):
        parse_checkpoint_body(body)


def test_signed_checkpoint_opens_with_its_two_signatures() -> None:
    note = sign_checkpoint(CHECKPOINT, *_signers(), IDENTITY)
    opened = open_checkpoint(note, IDENTITY)
    assert opened.checkpoint == CHECKPOINT
    assert opened.note == note
    assert open_checkpoint(note.encode(), IDENTITY) == opened
    assert parse_note(note).signatures[1].signature == opened.anchor_signature


def test_signing_with_a_key_that_is_not_the_logs_is_refused() -> None:
    checkpoint_key, anchor_key = _signers()
    for keys in ((STRANGER_ED25519, anchor_key), (checkpoint_key, STRANGER_ETHEREUM)):
        with pytest.raises(SignatureError):
            sign_checkpoint(CHECKPOINT, *keys, IDENTITY)


def test_signing_the_head_of_another_log_is_refused() -> None:
    with pytest.raises(MalformedEvidenceError, match="expected"):
        sign_checkpoint(Checkpoint("other.example/2026", 7, bytes(32)), *_signers(), IDENTITY)


def test_unknown_keys_are_ignored_and_their_lines_dropped() -> None:
    origin = IDENTITY.origin
    unknown = [
        SignatureLine("witness.example/w1", b"abcd", bytes(72)),
        SignatureLine(origin, b"\x00\x00\x00\x00", b"x"),  # the log's name, another key id
        SignatureLine("witness.example/w1", anchor_key_id(origin, IDENTITY.anchor_address), bytes(65)),  # its id only
    ]
    assert open_checkpoint(_with_lines(lambda lines: [unknown[0], *lines, *unknown[1:]]), IDENTITY).note == NOTE


def test_lines_in_another_order_open_as_the_one_encoding() -> None:
    assert open_checkpoint(_with_lines(lambda lines: lines[::-1]), IDENTITY).note == NOTE


@pytest.mark.parametrize("position", [0, 1])
def test_checkpoint_without_one_of_its_signatures_is_refused(position: int) -> None:
    with pytest.raises(SignatureError, match="exactly one"):
        open_checkpoint(_with_lines(lambda lines: [lines[position]]), IDENTITY)


@pytest.mark.parametrize("position", [0, 1])
def test_checkpoint_with_a_signature_twice_is_refused(position: int) -> None:
    with pytest.raises(SignatureError, match="found 2"):
        open_checkpoint(_with_lines(lambda lines: [*lines, lines[position]]), IDENTITY)


@pytest.mark.parametrize("position", [0, 1])
def test_checkpoint_with_a_known_key_that_fails_is_refused(position: int) -> None:
    for index in range(64):

        def flip(lines: list[SignatureLine], index: int = index) -> list[SignatureLine]:
            signature = bytearray(lines[position].signature)
            signature[index] ^= 1
            lines[position] = SignatureLine(lines[position].name, lines[position].key_id, bytes(signature))
            return lines

        with pytest.raises(SignatureError):
            open_checkpoint(_with_lines(flip), IDENTITY)


def test_checkpoint_whose_anchor_signature_is_the_high_s_twin_is_refused() -> None:
    def twin(lines: list[SignatureLine]) -> list[SignatureLine]:
        signature = lines[1].signature
        high_s = SECP256K1_ORDER - int.from_bytes(signature[32:64], "big")
        other = signature[:32] + high_s.to_bytes(32, "big") + bytes([55 - signature[64]])
        return [lines[0], SignatureLine(lines[1].name, lines[1].key_id, other)]

    with pytest.raises(SignatureError, match="upper half"):
        open_checkpoint(_with_lines(twin), IDENTITY)


def test_checkpoint_with_any_changed_character_is_refused() -> None:
    for index, character in enumerate(NOTE):
        changed = NOTE[:index] + chr(ord(character) ^ 1) + NOTE[index + 1 :]
        with pytest.raises(LedgerError):
            open_checkpoint(changed, IDENTITY)


def test_checkpoint_of_another_origin_is_refused() -> None:
    with pytest.raises(MalformedEvidenceError, match="expected"):
        open_checkpoint(NOTE.replace("cityledger.invalid/2026", "cityledger.invalid/2027"), IDENTITY)


@pytest.mark.parametrize("tree_size", [-1, 2**64])
def test_checkpoint_of_an_impossible_size_is_refused(tree_size: int) -> None:
    with pytest.raises(MalformedEvidenceError):
        Checkpoint("log", tree_size, bytes(32))
