"""``cityledger sign seal`` and ``sign open``: the confidential part of an agreement, encrypted to its parties' keys. Offline. See ``SEALING.md``."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from ledger.adapters.files.durable import replace_file
from ledger.adapters.files.keystore import KeyRecord
from ledger.adapters.signing_keys import X25519
from ledger.bundle.agreement_digest import SALT_BYTES
from ledger.bundle.confidential_part import (
    ConfidentialPart,
    encode_confidential,
    parse_confidential,
    require_contract_hash,
    require_leaves,
)
from ledger.cli.console import errors_as_one_line, messages, read_input
from ledger.cli.passwords import PasswordFileOption, protect_memory, read_password
from ledger.cli.sign_keys import KeystoreOption, keystore_at
from ledger.cli.sign_text import CHECKED, UNCHECKED, printable, say
from ledger.domain.sealing_errors import RecipientKeyError, SealedPartMalformedError
from ledger.errors import ConflictError, InputError, VerificationError
from ledger.log.canonical import parse_json
from ledger.log.strict import read_hex32, read_hex32_list

SEALED_MODE: Final = 0o644
OPENED_MODE: Final = 0o600

KeyOption = Annotated[str, typer.Option("--key", metavar="NAME", help="Of your own x25519 key.", show_default=False)]


def seal(
    texts: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="The confidential part: one JSON object of 1 to 50 named texts; - is standard input.",
            show_default=False,
        ),
    ],
    *,
    key: KeyOption,
    to: Annotated[
        list[Path],
        typer.Option(
            "--to",
            metavar="KEYFILE",
            help="Public key of another party, as `sign keys show NAME --public` writes it. May be repeated.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where to save the sealed part.", show_default=False)
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether the keys are those of the parties.")] = False,
    keystore: KeystoreOption,
) -> None:
    """Encrypt the confidential part of an agreement to its parties, and compute the hashes that others see of it. No password is needed.

    The file is the member `confidential` of an agreement as it is generated. Only the named keys open it, yours among them.

    Example: cityledger sign seal terms.json --key bank-box --to provider.key.json --out sealed.json
    """
    from ledger.adapters.sealing import RecipientKey, parse_recipient_key  # noqa: PLC0415 - JOSE is for these two only
    from ledger.adapters.sealing import seal as encrypt  # noqa: PLC0415 - the same

    with errors_as_one_line():
        _require_new(out)
        own = _own_key(keystore_at(keystore).record(key))
        others = [parse_recipient_key(read_input(path, "the key")) for path in to]
        part = ConfidentialPart(_texts(texts), secrets.token_bytes(SALT_BYTES))
        say("只有以下密钥能打开 Only these keys will open it; compare them with their owners:")
        for one in (RecipientKey(own.public, own.body), *others):
            say(f"  {one.thumbprint}  {printable(one.body or '(no body named)')}")
        if not yes:
            typer.confirm("加密 Seal for them?", abort=True)
        sealed = encrypt(encode_confidential(part), [RecipientKey(own.public, own.body), *others])
        value = {
            "leaf_hashes": [leaf.hex() for leaf in part.leaf_hashes],
            "ciphertext": base64.b64encode(sealed).decode("ascii"),
        }
        replace_file(out, orjson.dumps(value) + b"\n", SEALED_MODE, confirm=lambda: _require_new(out))
        messages().print(f"sealed: {out}; it holds no text in clear", markup=False)


def open_part(
    document: Annotated[
        Path,
        typer.Argument(
            metavar="DOCUMENT",
            help="An agreement as the service shows it to a party, or what `sign seal` saved.",
            show_default=False,
        ),
    ],
    *,
    key: KeyOption,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Also save it, in clear with its salt, for you alone.", show_default=False
        ),
    ] = None,
    password_file: PasswordFileOption = None,
    keystore: KeystoreOption,
) -> None:
    """Decrypt a confidential part, and show it only when it is the one that the agreement's digest covers.

    Exit code: 0 opened and the same, 1 refused (another key's, changed, or not what is to be signed), 2 a file cannot be read.

    Example: cityledger sign open agreement.json --key bank-box
    """
    from ledger.adapters.sealing import open_sealed  # noqa: PLC0415 - as in `seal`

    with errors_as_one_line():
        if out is not None:
            _require_new(out)
        sealed = _sealed_of(read_input(document, "the agreement"))
        store = keystore_at(keystore)
        _own_key(store.record(key))
        protect_memory()
        secret = store.open(key, read_password(password_file, f"the key {key}"))
        raw = open_sealed(sealed.ciphertext, secret)
        part = parse_confidential(raw)
        require_leaves(part, sealed.leaf_hashes)
        for line in _lines(part, sealed):
            say(line)
        if out is not None:
            replace_file(out, raw, OPENED_MODE, confirm=lambda: _require_new(out))
            messages().print(f"saved {out} in clear; destroy it when it is not needed any more", markup=False)


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What a document says of a confidential part; ``contract_hash`` is None unless it was recomputed from both parts."""

    ciphertext: bytes
    leaf_hashes: tuple[bytes, ...]
    contract_hash: bytes | None


def _sealed_of(raw: bytes) -> _Sealed:
    """The sealed part in an agreement, whose digest is recomputed; or a sealed part alone.

    Raises:
        SealedPartMalformedError: there is none in it, or the service showed it without the ciphertext.
        SealMismatchError: the agreement's digest does not cover it.
    """
    value: Any = parse_json(raw)
    try:
        return _read_agreement(value) if "contract_hash" in value else _read_sealed(value, None)
    except (KeyError, TypeError, ValueError, VerificationError) as error:
        raise SealedPartMalformedError("The document holds no sealed part.") from error


def _read_agreement(value: Any) -> _Sealed:
    contract_hash = read_hex32(value["contract_hash"], "the contract hash")
    sealed = _read_sealed(value["confidential"], contract_hash)
    disclosed = value["disclosed"]
    if not isinstance(disclosed, dict) or not disclosed:
        raise SealedPartMalformedError("The agreement has no disclosed part; without it the digest cannot be checked.")
    salt = read_hex32(value["disclosed_salt"], "the salt")
    require_contract_hash(disclosed, salt, sealed.leaf_hashes, contract_hash)
    return sealed


def _read_sealed(value: Any, contract_hash: bytes | None) -> _Sealed:
    if value["ciphertext"] is None:
        raise SealedPartMalformedError("The service shows the ciphertext to the parties alone; fetch it as a party.")
    ciphertext = base64.b64decode(value["ciphertext"], validate=True)
    return _Sealed(ciphertext, read_hex32_list(value["leaf_hashes"], "the leaf hashes"), contract_hash)


def _lines(part: ConfidentialPart, sealed: _Sealed) -> Sequence[str]:
    checked = "0x" + sealed.contract_hash.hex() if sealed.contract_hash is not None else "-"
    state = CHECKED if sealed.contract_hash is not None else UNCHECKED
    lines = [
        f"叶哈希 leaf hashes: {len(part.leaf_hashes)} ({CHECKED})",
        f"合约摘要 contract hash: {checked} ({state})",
        "保密部分 Confidential part:",
    ]
    for name, text in sorted(part.texts.items()):
        lines += [f"  {name}: {printable(line)}" for line in text.split("\n")]
    return lines


def _texts(path: Path) -> dict[str, Any]:
    value = parse_json(read_input(path, "the confidential part"))
    if not isinstance(value, dict):
        raise InputError("The confidential part is one JSON object of named texts.")
    return value


def _own_key(record: KeyRecord) -> KeyRecord:
    if record.kind != X25519:
        raise RecipientKeyError(f"The key {record.name} is of {record.kind}, which signs; {X25519} is needed here.")
    return record


def _require_new(path: Path) -> None:
    if path.exists():
        raise ConflictError(f"{path} is there already; nothing was written.")
