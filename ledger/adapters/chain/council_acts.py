"""Acts of a council: what is signed, by whom, and how it reaches the chain.

Two ways to the signatures. ``KeySigner`` has the keys, as a development installation does. ``ActFolder`` has none: it writes each act
as ``<nonce>.json``, which a body reads, checks and signs where its key is (``cityledger council sign``), and takes the answers
``<nonce>.<address>.sig`` from the same folder. A signature that does not belong to the act as it is now counts as none.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.deployment import sign_digest
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.files.durable import make_folder, replace_file
from ledger.errors import InputError, LedgerError
from ledger.log.typed_data import (
    council_signing_digest,
    parse_checksum_address,
    recover_address,
    to_checksum_address,
)

DEVELOPMENT_LIFETIME_S: Final = 3600
CONSORTIUM_LIFETIME_S: Final = 14 * 86_400
"""How long the signatures of an act stay usable: bodies meet, so two weeks."""

RELAY_MARGIN_S: Final = 600
"""An act with less time left than this is written anew: its bodies would sign what no block takes in time."""

ACT_VERSION: Final = 1
PUBLIC_FILE_MODE: Final = 0o644


class ActFileError(InputError):
    """A file of a council act is none, or says another digest than its content has."""

    code = "council_act_file"
    title = "Council act refused"


@dataclass(frozen=True, slots=True)
class CouncilAct:
    """One call by a council. Addresses are 20 bytes; ``deadline`` is Unix time; ``text`` is for people and is not signed."""

    chain_id: int
    council: bytes
    target: bytes
    data: bytes
    nonce: int
    deadline: int
    text: str

    @property
    def digest(self) -> bytes:
        """What bodies sign, 32 bytes."""
        return council_signing_digest(
            self.chain_id, self.council, self.target, self.data, nonce=self.nonce, deadline=self.deadline
        )


class ActSigner(Protocol):
    """Where signatures come from."""

    lifetime_s: int

    def prepare(self, act: CouncilAct, now_s: int) -> CouncilAct:
        """The act as it is to be signed: the same, or an earlier one, still in time, that differs only in its deadline."""
        ...

    def signatures(self, act: CouncilAct, bodies: Sequence[bytes]) -> list[bytes]:
        """The signatures there are by these bodies, in ascending order of their addresses."""
        ...


class KeySigner:
    """Signs with keys at hand."""

    lifetime_s = DEVELOPMENT_LIFETIME_S

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = keys

    def prepare(self, act: CouncilAct, now_s: int) -> CouncilAct:
        """The act itself."""
        del now_s
        return act

    def signatures(self, act: CouncilAct, bodies: Sequence[bytes]) -> list[bytes]:
        """By every key that is a body's."""
        signed = sorted(sign_digest(key, act.digest) for key in self._keys)
        return [signature for signer, signature in signed if signer in bodies]


class ActFolder:
    """Writes acts for the bodies and reads what they signed."""

    lifetime_s = CONSORTIUM_LIFETIME_S

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self, act: CouncilAct, now_s: int) -> CouncilAct:
        """The act in the folder when it is this one, so that signatures stay good; otherwise this one, written.

        The one in the folder must have time left to be relayed, and no longer a life than this one: whoever can write into the folder
        must not get signatures that stay usable for years.
        """
        path = self._folder / f"{act.nonce}.json"
        if path.exists():
            written = read_act(path)
            same = (act.chain_id, act.council, act.target, act.data)
            is_same = (written.chain_id, written.council, written.target, written.data) == same
            if is_same and now_s + RELAY_MARGIN_S < written.deadline <= act.deadline:
                return written
        make_folder(self._folder)
        replace_file(path, encode_act(act), PUBLIC_FILE_MODE)
        return act

    def signatures(self, act: CouncilAct, bodies: Sequence[bytes]) -> list[bytes]:
        """The good ones among the act's signature files."""
        found = []
        for body in sorted(bodies):
            path = self._folder / signature_name(act, body)
            signature = _read_signature(path)
            if signature is not None and is_signed_by(body, act.digest, signature):
                found.append(signature)
        return found


def signature_name(act: CouncilAct, body: bytes) -> str:
    """Name of the file that holds a body's signature of an act."""
    return f"{act.nonce}.{to_checksum_address(body)}.sig"


def sign_act_file(path: Path, key: bytes) -> tuple[CouncilAct, Path]:
    """Signs the act in this file with a body's key and puts the signature beside it; the act and that file.

    Raises:
        ActFileError: the file is no act, or its digest is not its content's.
    """
    act = read_act(path)
    signer, signature = sign_digest(key, act.digest)
    target = path.with_name(signature_name(act, signer))
    replace_file(target, signature.hex().encode() + b"\n", PUBLIC_FILE_MODE)
    return act, target


def encode_act(act: CouncilAct) -> bytes:
    """The act's file: JSON that a person can read."""
    value = {
        "v": ACT_VERSION,
        "text": act.text,
        "chain_id": act.chain_id,
        "council": to_checksum_address(act.council),
        "target": to_checksum_address(act.target),
        "data": "0x" + act.data.hex(),
        "nonce": act.nonce,
        "deadline": act.deadline,
        "digest": "0x" + act.digest.hex(),
    }
    return json.dumps(value, indent=2).encode() + b"\n"


def read_act(path: Path) -> CouncilAct:
    """The act in a file.

    Raises:
        ActFileError: the file is no act, or its digest is not its content's.
    """
    try:
        value: Any = json.loads(path.read_bytes())
        act = CouncilAct(
            chain_id=value["chain_id"],
            council=parse_checksum_address(value["council"]),
            target=parse_checksum_address(value["target"]),
            data=bytes.fromhex(value["data"].removeprefix("0x")),
            nonce=value["nonce"],
            deadline=value["deadline"],
            text=str(value["text"]),
        )
        digest = bytes.fromhex(value["digest"].removeprefix("0x"))
        is_right = value["v"] == ACT_VERSION and digest == act.digest
    except (OSError, LedgerError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ActFileError(f"{path} is no council act: {error}") from error
    if not is_right:
        raise ActFileError(f"{path} says another digest than its content has, or is of another version")
    return act


def relay_act(sender: TransactionSender, act: CouncilAct, signatures: Sequence[bytes]) -> None:
    """Sends a signed act. Raises what ``TransactionSender.send`` raises."""
    council = sender.contract(act.council, load_artifact("Council").abi)
    arguments = [to_checksum_address(act.target), act.data, act.deadline, list(signatures)]
    sender.send(act.council, bytes.fromhex(council.encode_abi("execute", arguments)[2:]))


def _read_signature(path: Path) -> bytes | None:
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip().removeprefix("0x"))
    except (OSError, ValueError):
        return None


def is_signed_by(address: bytes, digest: bytes, signature: bytes) -> bool:
    """Whether the key of this address (20 bytes) made the signature; a malformed one is nobody's."""
    try:
        return recover_address(digest, signature) == address
    except LedgerError:
        return False
