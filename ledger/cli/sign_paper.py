"""``cityledger sign paper``: the papers that a body signs with SM2 alone, read in words and signed. Offline."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer

from ledger.adapters.files.durable import replace_file
from ledger.adapters.files.keystore import KeyRecord
from ledger.adapters.signing_keys import SM2, sign_paper
from ledger.cli.console import errors_as_one_line, messages, read_input
from ledger.cli.passwords import PasswordFileOption, protect_memory, read_password
from ledger.cli.sign_keys import KeystoreOption, keystore_at, public_text
from ledger.cli.sign_own_papers import OwnPaper, read_own_paper
from ledger.cli.sign_text import printable, say
from ledger.domain.signing_errors import DocumentChangedError, OtherBodyError
from ledger.errors import ConflictError, InputError
from ledger.log.canonical import parse_json
from ledger.log.timestamps import format_time


def paper(
    document: Annotated[
        Path,
        typer.Argument(
            metavar="PAPER",
            help="A termination voucher as the service answers it, a destruction proof, or a message of annex B.",
            show_default=False,
        ),
    ],
    *,
    key: Annotated[str, typer.Option("--key", metavar="NAME", help="Of the SM2 key.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to save what is sent.", show_default=False)],
    digest: Annotated[
        str | None,
        typer.Option("--digest", metavar="HEX", help="SM3, as it was shown; refused when it is another."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before signing.")] = False,
    password_file: PasswordFileOption = None,
    keystore: KeystoreOption,
) -> None:
    """Show a paper of an agreement's life in words, ask, sign it with SM2, and save the body of the request that hands it in.

    Exit code: 0 signed, 1 refused (another body's, changed meanwhile, wrong password), 2 the paper cannot be read or explained.

    Example: cityledger sign paper proof.json --key bank-sm2 --out signed-proof.json
    """
    with errors_as_one_line():
        _require_new(out)
        store = keystore_at(keystore)
        record = store.record(key)
        if record.kind != SM2:
            raise InputError(f"The key {key} is of {record.kind}; {SM2} is needed here.")
        raw = read_input(document, "the paper")
        read = read_own_paper(parse_json(raw), record.body, format_time(datetime.now(UTC)))
        _show(read, record)
        if record.body is not None and read.signer not in (None, record.body):
            raise OtherBodyError(f"The key {key} is kept for {record.body}, and the paper is that of {read.signer}.")
        if digest is not None and digest.lower().removeprefix("0x") != read.digest.hex():
            raise DocumentChangedError("The paper has another digest than the one you named; nothing was signed.")
        if not yes:
            typer.confirm("签署 Sign this?", abort=True)
        protect_memory()
        secret = store.open(key, read_password(password_file, f"the key {key}"))
        if str(document) != "-" and read_input(document, "the paper") != raw:
            raise DocumentChangedError(f"{document} was changed after it was shown; nothing was signed.")
        sent = read.signed(sign_paper(read.kind, read.paper, secret))
        replace_file(
            out, orjson.dumps(sent, option=orjson.OPT_INDENT_2) + b"\n", 0o644, confirm=lambda: _require_new(out)
        )
        messages().print(f"signed: {out}; it is the body of POST {printable(read.path)}", markup=False)


def _show(read: OwnPaper, record: KeyRecord) -> None:
    say(f"将要签署 You are asked to sign: {read.title.chinese} - {read.title.english}")
    for words, value in read.lines:
        say(f"  {words.chinese} {words.english}: {printable(value)}")
    say(f"密钥 with the key: {record.name} {record.kind} {public_text(record)}")
    say(f"摘要 digest (SM3 of what is signed): {read.digest.hex()}")


def _require_new(out: Path) -> None:
    if out.exists():
        raise ConflictError(f"{out} is there already; nothing was signed.")
