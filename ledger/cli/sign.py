"""``cityledger sign``: a body reads what it is asked to sign, and signs it with keys that never leave its machine.

``keys``, ``show``, ``act``, ``paper``, ``seal`` and ``open`` use no network; ``fetch`` and ``send`` use the API and no key but the API key. See
``SIGNING.md`` and, of confidential parts, ``SEALING.md``.
"""

import time
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from ledger.adapters.files.durable import replace_file
from ledger.cli import sign_keys, sign_paper, sign_seal
from ledger.cli.console import ApiUrlOption, ConnectionOption, connection, errors_as_one_line, messages, read_input
from ledger.cli.passwords import PasswordFileOption
from ledger.cli.sign_keys import KeystoreOption, keystore_at
from ledger.cli.sign_steps import choose_keys, require_seen, show_request, sign_shown
from ledger.client.acts import sign_act
from ledger.client.runners import Client
from ledger.client.transport import RetryPolicy
from ledger.domain.signing_errors import DocumentChangedError, UnexplainedActError
from ledger.domain.signing_request import request_from_json
from ledger.errors import ConflictError, InputError
from ledger.log.canonical import parse_json

command = typer.Typer(
    no_args_is_help=True,
    help="Read and sign the acts of a body with its own encrypted keys, offline, without writing code.\n\n"
    "Example: cityledger sign act admission.json --key bank --manifest manifest.json --out signature.json",
)
command.add_typer(sign_keys.command, name="keys")

FILE_MODE: Final = 0o644
REQUEST_MODE: Final = 0o600
"""Of what is fetched: papers behind the act are in it, and the salt, with which real-name facts could be guessed at."""
HOUR_S: Final = 3_600

DocumentArgument = Annotated[
    Path,
    typer.Argument(
        metavar="DOCUMENT",
        help="As `cityledger sign fetch` saves it, or an EIP-712 document of an act.",
        show_default=False,
    ),
]
PapersOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--document",
        metavar="FILE",
        help="A paper whose digest is in the act; refused when it is not. May be repeated.",
        show_default=False,
    ),
]
ManifestOption = Annotated[
    Path | None,
    typer.Option(
        "--manifest",
        metavar="FILE",
        help="manifest.json of the contracts, got from somebody else than the service that asks.",
        show_default=False,
    ),
]
ChainOption = Annotated[
    int | None, typer.Option("--chain-id", help="Of your chain, where there is no manifest.", show_default=False)
]
RoleOption = Annotated[str, typer.Option("--role", help="Whose API key of the connection file to use.")]
ActArgument = Annotated[str, typer.Argument(metavar="ACT_ID", help="Of the act, 40 hex digits.", show_default=False)]


@command.command("show")
def show(
    document: DocumentArgument,
    *,
    papers: PapersOption = None,
    manifest: ManifestOption = None,
    chain_id: ChainOption = None,
) -> None:
    """Show in words what a document asks for, after recomputing everything; refuse what cannot be explained.

    Example: cityledger sign show admission.json --manifest manifest.json
    """
    with errors_as_one_line():
        show_request(document, papers or [], manifest, chain_id)


@command.command("act")
def act(
    document: DocumentArgument,
    *,
    key: Annotated[str, typer.Option("--key", metavar="NAME", help="Of the secp256k1 key.", show_default=False)],
    sm2_key: Annotated[
        str | None,
        typer.Option("--sm2-key", metavar="NAME", help="Of an SM2 key that signs too.", show_default=False),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where to save the signature.", show_default=False)
    ],
    papers: PapersOption = None,
    unseen: Annotated[
        list[str] | None,
        typer.Option(
            "--unseen",
            metavar="FIELD",
            help="Name of a digest that you sign without its paper, such as reasonDigest. May be repeated.",
            show_default=False,
        ),
    ] = None,
    manifest: ManifestOption = None,
    chain_id: ChainOption = None,
    digest: Annotated[
        str | None,
        typer.Option(
            "--digest",
            metavar="HEX",
            help="The digest that `show` told; refused when it is another.",
            show_default=False,
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before signing.")] = False,
    password_file: PasswordFileOption = None,
    sm2_password_file: Annotated[
        Path | None,
        typer.Option(
            "--sm2-password-file",
            metavar="FILE",
            help="The same for the SM2 key [default: as for --key].",
            show_default=False,
        ),
    ] = None,
    keystore: KeystoreOption,
) -> None:
    """Show an act, ask, sign it, and save the signature for `cityledger sign send`.

    Exit code: 0 signed, 1 refused (another chain, contract, body or key, deadline over, a paper not seen, wrong password), 2 a file
    cannot be read or explained.

    Example: cityledger sign act admission.json --key bank --manifest manifest.json --out signature.json
    """
    with errors_as_one_line():
        if manifest is None and chain_id is None:
            raise InputError("Name the chain that you sign for: --manifest FILE, or --chain-id.")
        if out.exists():
            raise ConflictError(f"{out} is there already; nothing was signed.")
        shown = show_request(document, papers or [], manifest, chain_id)
        if digest is not None and digest.lower().removeprefix("0x") != shown.request.digest.hex():
            raise DocumentChangedError("The document has another digest than the one you named; nothing was signed.")
        require_seen(shown.request, shown.openings, unseen or [])
        keys = choose_keys(keystore_at(keystore), shown.request, key, sm2_key)
        if not yes:
            typer.confirm("签署 Sign this?", abort=True)
        signature = sign_shown(shown, keys, password_file, sm2_password_file or password_file)
        replace_file(out, orjson.dumps(signature) + b"\n", FILE_MODE)
        act_id = shown.request.act_id
        messages().print(f"signed: {out}; bring it with: cityledger sign send {act_id} {out}", markup=False)


@command.command("fetch")
def fetch(
    act_id: ActArgument,
    *,
    place: Annotated[
        int, typer.Option("--place", min=0, help="Which of the act's signers you are.", show_default=False)
    ],
    hours: Annotated[
        float, typer.Option("--hours", min=0.25, max=8_760, help="How long the signature may be relayed.")
    ] = 24,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to save it.", show_default=False)],
    with_salt: Annotated[
        bool,
        typer.Option(
            "--with-salt",
            help="Of a participant: also take its salt, which the service keeps with the real-name facts; that read may be recorded.",
        ),
    ] = False,
    connection_file: ConnectionOption = None,
    api_url: ApiUrlOption = None,
    role: RoleOption = "operator",
) -> None:
    """Fetch an act to sign, with what the service says of it and the papers behind it that you may read. Uses the network.

    The file is yours alone (mode 0600). One that is there already is never overwritten.

    Example: cityledger sign fetch 6f1c22aa6f1c22aa6f1c22aa6f1c22aa6f1c22aa --place 0 --out admission.json
    """
    from ledger.cli.sign_fetch import fetch_request  # noqa: PLC0415 - the offline commands need none of it

    def require_new() -> None:
        if out.exists():
            raise ConflictError(f"{out} is there already; nothing was saved.")

    with errors_as_one_line():
        require_new()
        with _client(connection_file, api_url, role) as client:
            deadline = int(time.time() + hours * HOUR_S)
            value = fetch_request(client, act_id, place, deadline, with_salt=with_salt)
        if request_from_json(value).tail.deadline != deadline:  # what is refused anyway is not carried anywhere
            raise UnexplainedActError("The service answers with another deadline than the one that was asked for.")
        replace_file(out, orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n", REQUEST_MODE, confirm=require_new)
        messages().print(f"saved {out}; read it with: cityledger sign show {out}", markup=False)


@command.command("send")
def send(
    act_id: ActArgument,
    signature: Annotated[
        Path, typer.Argument(metavar="FILE", help="As `cityledger sign act` saved it.", show_default=False)
    ],
    *,
    connection_file: ConnectionOption = None,
    api_url: ApiUrlOption = None,
    role: RoleOption = "operator",
) -> None:
    """Bring a signature to the service. Uses the network. The same file sent again changes nothing.

    Example: cityledger sign send 6f1c22aa6f1c22aa6f1c22aa6f1c22aa6f1c22aa signature.json
    """
    from ledger.cli.sign_fetch import idempotency_key  # noqa: PLC0415 - as in `fetch`

    with errors_as_one_line():
        raw = read_input(signature, "the signature")
        value: Any = parse_json(raw)
        members = {"place", "key", "deadline", "signature"}
        if not isinstance(value, dict) or not members <= set(value) <= members | {"sm2"}:
            raise InputError(f"{signature} is no signature as `cityledger sign act` saves it.")
        with _client(connection_file, api_url, role) as client:
            stored = client.run(sign_act(act_id, **value, idempotency_key=idempotency_key(act_id, value)))
        messages().print(f"the service has the signature; the act is {stored.state}", markup=False)


command.command("paper")(sign_paper.paper)
command.command("seal")(sign_seal.seal)
command.command("open")(sign_seal.open_part)


def _client(connection_file: Path | None, api_url: str | None, role: str) -> Client:
    service = connection(connection_file, api_url)
    patience = RetryPolicy(on_first_failure=lambda line: messages().print(line, markup=False))
    return Client(service.api_url, service.api_key(role), retry=patience)
