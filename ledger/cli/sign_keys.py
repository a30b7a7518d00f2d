"""``cityledger sign keys``: a handler's own keys, each encrypted in a file of its own. Nothing here uses the network."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.adapters.files.keystore import KeyRecord, Keystore
from ledger.adapters.key_envelope import STRONG
from ledger.adapters.signing_keys import KINDS, SECP256K1, X25519, new_secret
from ledger.cli.console import (
    JsonOption,
    errors_as_one_line,
    exit_code_of,
    messages,
    output,
    read_input,
    say_error,
)
from ledger.cli.passwords import PasswordFileOption, protect_memory, read_new_password, read_password
from ledger.domain.signing_errors import KeystoreDamagedError
from ledger.domain.subject_code import parse_subject_code
from ledger.errors import InputError, LedgerError
from ledger.log.typed_data import to_checksum_address

command = typer.Typer(
    no_args_is_help=True,
    help="Make, take over and list the keys that a body signs acts with, and those (x25519) that confidential parts are sealed for.\n\nExample: cityledger sign keys new bank --body 91310000MA00000012",
)

COST = STRONG
"""Of a guess at the password of a key that is written; no setting, so that nobody is talked into a lesser one."""

KeystoreOption = Annotated[
    Path,
    typer.Option(
        "--keystore",
        metavar="FOLDER",
        help="Where the keys are.",
        default_factory=lambda: Path.home() / ".cityledger-keys",
    ),
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Of the key: lower-case letters, digits, . _ -")]
KindOption = Annotated[str, typer.Option("--kind", help=f"One of {', '.join(KINDS)}.")]
BodyOption = Annotated[
    str | None,
    typer.Option(
        "--body",
        metavar="CODE",
        help="Subject code of the body that the key is for; it then signs no other body's acts.",
        show_default=False,
    ),
]


@command.command("new")
def new(
    name: NameArgument,
    *,
    kind: KindOption = SECP256K1,
    body: BodyOption = None,
    password_file: PasswordFileOption = None,
    keystore: KeystoreOption,
) -> None:
    """Make a key. Give its address or public key to the operator; nobody ever asks for the key itself.

    Example: cityledger sign keys new bank --body 91310000MA00000012
    """
    with errors_as_one_line():
        _check(kind, body)
        protect_memory()
        password = read_new_password(password_file, f"the new key {name}")
        _say(keystore_at(keystore).add(name, kind, new_secret(kind), password, body))


@command.command("import")
def import_key(
    name: NameArgument,
    source: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The private key, 64 hex digits; - is standard input.", show_default=False),
    ],
    *,
    kind: KindOption = SECP256K1,
    body: BodyOption = None,
    password_file: PasswordFileOption = None,
    keystore: KeystoreOption,
) -> None:
    """Take over a private key that is there as hex, and encrypt it. Destroy the file afterwards: this command leaves it alone.

    A file of a wallet (Web3 Secret Storage, version 3) needs no import: put it into the folder as NAME.json, mode 0600.

    Example: cityledger sign keys import bank raw.key --password-file password.txt
    """
    with errors_as_one_line():
        _check(kind, body)
        protect_memory()
        raw = read_input(source, "the private key")
        try:
            secret = bytes.fromhex(raw.decode("ascii").strip().removeprefix("0x"))
        except ValueError:
            raise InputError(f"{source} is no private key: 64 hex digits are expected.") from None
        password = read_new_password(password_file, f"the new key {name}")
        _say(keystore_at(keystore).add(name, kind, secret, password, body))


@command.command("list")
def list_all(*, keystore: KeystoreOption, as_json: JsonOption = False) -> None:
    """List the keys, with what their files say; needs no password. A file that cannot be read is named, and the exit code is not 0 then.

    Example: cityledger sign keys list
    """
    with errors_as_one_line():
        found, damaged = _all_records(keystore_at(keystore))
        if as_json:
            print(json.dumps({"keys": [_value(record) for record in found], "damaged": sorted(damaged)}))
        else:
            for record in found:
                _say(record)
        for error in damaged.values():
            say_error(error)
        if damaged:
            raise typer.Exit(max(exit_code_of(error) for error in damaged.values()))
        if not found and not as_json:
            messages().print(f"no keys in {keystore}", markup=False)


@command.command("show")
def show(
    name: NameArgument,
    *,
    keystore: KeystoreOption,
    as_json: JsonOption = False,
    public: Annotated[
        bool, typer.Option("--public", help="Of an x25519 key: the file that you give to who seals for you.")
    ] = False,
) -> None:
    """Show what is public of a key; needs no password.

    Example: cityledger sign keys show bank
    """
    with errors_as_one_line():
        record = keystore_at(keystore).record(name)
        if public:
            print(_recipient_key(record), end="")
        elif as_json:
            print(json.dumps(_value(record)))
        else:
            _say(record)


@command.command("change-password")
def change_password(
    name: NameArgument,
    *,
    password_file: PasswordFileOption = None,
    new_password_file: Annotated[
        Path | None,
        typer.Option("--new-password-file", metavar="FILE", help="The same for the new password.", show_default=False),
    ] = None,
    keystore: KeystoreOption,
) -> None:
    """Encrypt a key under another password. Copies of the old file still open with the old one.

    Example: cityledger sign keys change-password bank
    """
    with errors_as_one_line():
        protect_memory()
        store = keystore_at(keystore)
        store.record(name)
        password = read_password(password_file, f"the key {name}")
        store.change_password(name, password, read_new_password(new_password_file, f"the key {name}, the new one"))
        messages().print(f"the key {name} has another password", markup=False)


def keystore_at(folder: Path) -> Keystore:
    """The keys in a folder."""
    return Keystore(folder, COST)


def public_text(record: KeyRecord) -> str:
    """Address with its checksum, or the public key of another kind in hex."""
    return to_checksum_address(record.public) if record.kind == SECP256K1 else record.public.hex()


def _all_records(store: Keystore) -> tuple[list[KeyRecord], dict[str, LedgerError]]:
    """What the key files say, and name -> why of those that cannot be read: one of them must not hide the others."""
    found: list[KeyRecord] = []
    damaged: dict[str, LedgerError] = {}
    for name in store.names():
        try:
            found.append(store.record(name))
        except LedgerError as error:
            damaged[name] = error
        except OSError as error:
            damaged[name] = KeystoreDamagedError(f"The file of the key {name} cannot be read: {error.strerror}.")
    return found, damaged


def _recipient_key(record: KeyRecord) -> str:
    from ledger.adapters.sealing import RecipientKey, encode_recipient_key  # noqa: PLC0415 - JOSE is for these only

    if record.kind != X25519:
        raise InputError(f"--public is for keys of {X25519}; the key {record.name} is of {record.kind}.")
    return encode_recipient_key(RecipientKey(record.public, record.body)).decode()


def _check(kind: str, body: str | None) -> None:
    if kind not in KINDS:
        raise InputError(f"--kind is one of {', '.join(KINDS)}.")
    if body is not None:
        parse_subject_code(body)


def _value(record: KeyRecord) -> dict[str, Any]:
    return {"name": record.name, "kind": record.kind, "public": public_text(record), "body": record.body}


def _say(record: KeyRecord) -> None:
    for_body = "" if record.body is None else f"  {record.body}"
    output().print(f"{record.name}  {record.kind}  {public_text(record)}{for_body}", markup=False)
