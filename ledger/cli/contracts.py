"""``cityledger contracts``: deploys the contract suite from a reviewed configuration, and checks it against its sources."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.children import require_server_parts
from ledger.cli.console import ExitCode, JsonOption, errors_as_one_line, messages, output, read_input
from ledger.errors import InputError, LedgerError
from ledger.log.typed_data import parse_checksum_address

if TYPE_CHECKING:
    from ledger.adapters.chain.council_acts import ActSigner, CouncilAct
    from ledger.adapters.chain.suite_verification import Finding

EXIT_WAITING = 3
"""Nothing is wrong, but bodies of the council have to sign before it can go on."""

command = typer.Typer(
    no_args_is_help=True,
    help="Deploy the contract suite from a reviewed configuration, and check it against its sources.\n\n"
    "Example: cityledger contracts verify --manifest manifest.json --sources .",
)

ConfigOption = Annotated[Path, typer.Option("--config", metavar="FILE", help="The reviewed configuration (TOML).")]
ManifestOption = Annotated[
    Path, typer.Option("--manifest", metavar="FILE", help="What was deployed, written anew after each step.")
]
RpcOption = Annotated[str, typer.Option("--rpc", metavar="URL", help="JSON-RPC of a node of the chain.")]


@command.command("deploy")
def deploy(
    *,
    config_file: ConfigOption,
    manifest: ManifestOption,
    rpc: RpcOption,
    keys: Annotated[
        Path,
        typer.Option(
            "--keys", metavar="FOLDER", help="Folder with deployer.key; for a development chain council-*.key too."
        ),
    ],
    acts: Annotated[
        Path,
        typer.Option("--acts", metavar="FOLDER", help="Where the council's acts lie and their signatures come to."),
    ] = Path("acts"),
) -> None:
    """Deploy what is not deployed and have the council set it up; run it again until it is done.

    A consortium's council signs elsewhere: its acts are written to --acts, each body signs them with `cityledger council sign`, and
    this command goes on.

    Exit code: 0 done, 1 or 2 refused, 3 the council has to sign first, 4 the chain does not answer.

    Example: cityledger contracts deploy --config suite.toml --manifest manifest.json --rpc http://127.0.0.1:8545 --keys keys
    """
    with errors_as_one_line():
        require_server_parts()
        from ledger.adapters.chain.suite_config import parse_suite_config  # noqa: PLC0415 - needs the extra `server`
        from ledger.adapters.chain.suite_deployment import deploy_suite  # noqa: PLC0415 - needs the extra `server`
        from ledger.adapters.files.keys import KeyName, load_key  # noqa: PLC0415 - needs the extra `server`

        config = parse_suite_config(read_input(config_file, "The configuration"))
        result = deploy_suite(
            rpc,
            load_key(keys, KeyName.DEPLOYER),
            config,
            _signer(config.profile, keys, acts),
            manifest,
            report=lambda line: output().print(line, markup=False),
        )
    if result.waiting:
        _say_waiting(result.waiting, acts, config.council.threshold)
        raise typer.Exit(EXIT_WAITING)
    messages().print(f"the suite is deployed; the manifest is {manifest}", markup=False)


@command.command("admissions")
def admissions(
    *,
    config_file: ConfigOption,
    deployer: Annotated[
        str | None,
        typer.Option(
            "--deployer",
            metavar="ADDRESS",
            help="For a chain without the deterministic-deployment proxy: the account whose first transaction makes one.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the keys of the bodies with reserved roles have to sign before they can be admitted.

    It follows from the configuration (and the deployer, where the chain has no proxy), so it can be signed before anything is
    deployed.

    Example: cityledger contracts admissions --config suite.toml
    """
    with errors_as_one_line():
        require_server_parts()
        from ledger.adapters.chain.artifact import first_create_address  # noqa: PLC0415 - needs the extra `server`
        from ledger.adapters.chain.deployment import CANONICAL_FACTORY  # noqa: PLC0415 - needs the extra `server`
        from ledger.adapters.chain.suite_addresses import plan_contracts  # noqa: PLC0415 - needs the extra `server`
        from ledger.adapters.chain.suite_admission import admission_digest  # noqa: PLC0415 - needs the extra `server`
        from ledger.adapters.chain.suite_config import parse_suite_config  # noqa: PLC0415 - needs the extra `server`
        from ledger.adapters.chain.suite_plan import REGISTRY_NAME  # noqa: PLC0415 - needs the extra `server`

        config = parse_suite_config(read_input(config_file, "The configuration"))
        factory = CANONICAL_FACTORY if deployer is None else first_create_address(_address(deployer))
        planned = plan_contracts(factory, config)
        registry = next(contract.address for contract in planned if contract.name == REGISTRY_NAME)
        digests = {body.code: admission_digest(config.chain_id, registry, body).hex() for body in config.bodies}
    if as_json:
        print(json.dumps({code: f"0x{digest}" for code, digest in digests.items()}))
        return
    for code, digest in digests.items():
        output().print(f"{code}: 0x{digest}", markup=False)


@command.command("verify")
def verify(
    *,
    manifest: ManifestOption,
    rpc: RpcOption,
    sources: Annotated[
        Path, typer.Option("--sources", metavar="FOLDER", help="A checkout with contracts/ and node_modules/.")
    ] = Path(),
    config_file: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="The configuration that was reviewed; without it less is judged."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Recompile the sources and compare them with the chain: code, places, roles, directory, and what was reviewed.

    Immutables are masked for the comparison and shown; each must be explained by the constructor's arguments, and each contract must
    stand where the recompiled code and its arguments put it. `deployment` is the rest: the access manager's roles, the
    directory, and, with --config, the council's and the guardian's bodies, the delays, the windows and the bodies with reserved roles.
    Without --config these are shown and not judged. Never judged: keys that bodies took later, and acts that are scheduled and wait.
    Ask a node you trust.

    Exit code: 0 all agree, 1 something differs, 2 manifest, configuration or sources refused, 4 the chain or the compiler is not there.

    Example: cityledger contracts verify --config suite.toml --manifest manifest.json --rpc http://127.0.0.1:8545 --sources .
    """
    with errors_as_one_line():
        require_server_parts()
        findings, shown = _judge(manifest, rpc, sources.absolute(), config_file)
    if as_json:
        print(json.dumps([_finding_value(finding) for finding in findings]))
    else:
        _show_findings(findings, shown)
    if config_file is None:
        messages().print("without --config nobody's review was compared: judge the lines above yourself", markup=False)
    if any(finding.differences for finding in findings):
        raise typer.Exit(ExitCode.REFUSED)


def _judge(
    manifest: Path, rpc: str, sources: Path, config_file: Path | None
) -> tuple[list["Finding"], tuple[str, ...]]:
    """What was found of each contract and of the deployment, and what is shown of it besides."""
    from ledger.adapters.chain.artifact import load_compiler_settings  # noqa: PLC0415 - needs the extra `server`
    from ledger.adapters.chain.json_rpc import JsonRpc, read_quantity  # noqa: PLC0415
    from ledger.adapters.chain.suite_chain import SuiteView  # noqa: PLC0415 - needs the extra `server`
    from ledger.adapters.chain.suite_config import parse_suite_config  # noqa: PLC0415
    from ledger.adapters.chain.suite_manifest import read_manifest  # noqa: PLC0415
    from ledger.adapters.chain.suite_state import set_differences, verify_state  # noqa: PLC0415
    from ledger.adapters.chain.suite_verification import (  # noqa: PLC0415
        Finding,
        compile_sources,
        verify_suite,
    )

    config = None if config_file is None else parse_suite_config(read_input(config_file, "The configuration"))
    node, deployed = JsonRpc(rpc), read_manifest(manifest)
    if wrong := set_differences(deployed):
        raise InputError("; ".join(wrong))
    view = SuiteView(node)
    if read_quantity(node.call("eth_chainId")) != deployed.chain_id:
        raise InputError("the node serves another chain than the manifest is of")
    names = sorted({record.contract_name for record in deployed.contracts})
    settings_of = {name: load_compiler_settings(name) for name in names}
    compiled = compile_sources(sources, sources / "scripts" / "solc", settings_of)
    findings = verify_suite(deployed, compiled, view.code)
    if any(finding.differences for finding in findings):
        not_judged = "not judged, because the code differs: what it answers means nothing"
        return [*findings, Finding("deployment", {}, (not_judged,))], ()
    state = verify_state(view, deployed, {name: one.creation_code for name, one in compiled.items()}, config)
    return [*findings, Finding("deployment", {}, state.differences)], state.shown


def _finding_value(finding: "Finding") -> dict[str, Any]:
    return {
        "name": finding.name,
        "immutables": {place: f"0x{value.hex()}" for place, value in finding.immutables.items()},
        "differences": list(finding.differences),
    }


def _show_findings(findings: list["Finding"], shown: tuple[str, ...]) -> None:
    for finding in findings:
        output().print(f"{finding.name}: {'; '.join(finding.differences) or 'agrees'}", markup=False)
        for place, value in finding.immutables.items():
            output().print(f"  immutable at byte {place}: 0x{value.hex()}", markup=False)
    for line in shown:
        output().print(f"  {line}", markup=False)


def _address(text: str) -> bytes:
    try:
        return parse_checksum_address(text)
    except LedgerError as error:
        raise InputError(f"--deployer: {error.detail}") from error


def _signer(profile: str, keys: Path, acts: Path) -> "ActSigner":
    from ledger.adapters.chain.council_acts import ActFolder, KeySigner  # noqa: PLC0415 - needs the extra `server`
    from ledger.adapters.chain.suite_config import Profile  # noqa: PLC0415 - needs the extra `server`
    from ledger.adapters.files.keys import COUNCIL, load_key  # noqa: PLC0415 - needs the extra `server`

    if profile == Profile.DEVELOPMENT:
        return KeySigner([load_key(keys, name) for name in COUNCIL])
    return ActFolder(acts)


def _say_waiting(waiting: "Sequence[CouncilAct]", acts: Path, threshold: int) -> None:
    for act in waiting:
        output().print(f"{acts / str(act.nonce)}.json: {act.text}", markup=False)
    messages().print(f"{len(waiting)} acts wait for {threshold} signatures each: cityledger council sign", markup=False)
