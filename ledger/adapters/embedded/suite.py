"""The contract suite of a development installation: its keys, its configuration, and its deployment, each made where it is missing.

``keys/bodies/`` holds the keys of the bodies with reserved roles; ``contracts/suite.toml`` the configuration, which follows from keys
and code alone and so comes out the same at every start; ``contracts/manifest.json`` what was deployed. A data folder of a time before
the suite gets it at its next start; one whose chain was lost gets the same addresses again.

The windows are short, because a person who tries a settlement waits for them; the delays of the council are zero.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from ledger.adapters.chain.council_acts import KeySigner
from ledger.adapters.chain.deployment import Deployment, sign_digest
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.chain.suite_addresses import plan_contracts
from ledger.adapters.chain.suite_admission import admission_digest
from ledger.adapters.chain.suite_chain import SuiteView
from ledger.adapters.chain.suite_config import (
    KEY_PURPOSES,
    RESERVED_ROLES,
    BodyKey,
    Membership,
    Profile,
    ReservedBody,
    SuiteConfig,
    parse_suite_config,
)
from ledger.adapters.chain.suite_config_text import encode_suite_config
from ledger.adapters.chain.suite_deployment import deploy_suite
from ledger.adapters.chain.suite_manifest import SuiteManifest, SuiteManifestError, read_manifest
from ledger.adapters.chain.suite_plan import REGISTRY_NAME
from ledger.adapters.embedded.suite_keys import BodyKeys, load_or_create_body_keys
from ledger.adapters.files.durable import make_folder, replace_file
from ledger.adapters.files.keys import KeyFiles, KeyName, secp256k1_address
from ledger.log.typed_data import keccak256

FOLDER: Final = "contracts"
CONFIG_FILE: Final = "suite.toml"
MANIFEST_FILE: Final = "manifest.json"
FORMER_MANIFEST_FILE: Final = "manifest.former.json"
BODY_KEYS_FOLDER: Final = "bodies"
CURRENCIES: Final = (b"CNY",)
NO_EARLY_END: Final = 4_102_444_800
"""2100-01-01: until then the development bodies are qualified and their key signatures in time."""
WINDOWS: Final = {
    "window_floor_s": 60,
    "objection_answer_s": 300,
    "review_request_s": 300,
    "account_cooling_s": 60,
    "dispute_freeze_max_s": 86_400,
    "usage_answer_min_s": 60,
}
COMMENT: Final = (
    "Made by cityledger up from the keys of this folder, for development. One machine holds all these keys."
)


def manifest_path(data_folder: Path) -> Path:
    """Where the manifest of a data folder's suite is."""
    return data_folder / FOLDER / MANIFEST_FILE


def deploy_embedded_suite(
    data_folder: Path,
    rpc_url: str,
    keys: KeyFiles,
    council_threshold: int,
    deployment: Deployment,
    *,
    report: Callable[[str], None],
    check_stopped: Callable[[], None],
) -> SuiteManifest:
    """Deploys what is missing and has the council set it up; on a finished chain it sends nothing.

    Args:
        data_folder: the installation's.
        rpc_url: the development chain.
        keys: the installation's keys.
        council_threshold: of the council in ``deployment``.
        deployment: council and evidence log, which are adopted.
        report: takes one line for a person.
        check_stopped: called after each step; raises when the person wants to stop.

    Raises:
        SettingsError: keys of bodies that are on the chain are missing or damaged.
        DeploymentError: the chain is not what the configuration says, or a step failed.
        ChainUnavailableError: the node does not answer.
    """
    path = manifest_path(data_folder)
    make_folder(path.parent)
    body_keys = load_or_create_body_keys(keys.folder / BODY_KEYS_FOLDER, may_create=not path.exists())
    raw = encode_suite_config(_build_config(keys, body_keys, council_threshold, deployment), COMMENT)
    config_path = path.with_name(CONFIG_FILE)
    if not config_path.exists() or config_path.read_bytes() != raw:
        replace_file(config_path, raw, 0o644)
    config, signer = parse_suite_config(raw), KeySigner(keys.council_keys)

    def run() -> SuiteManifest:
        deployer = keys[KeyName.DEPLOYER]
        return deploy_suite(rpc_url, deployer, config, signer, path, report=lambda _: check_stopped()).manifest

    try:
        return run()
    except SuiteManifestError:  # a chain begun anew, contracts of a newer version, or a damaged file
        former = path.with_name(FORMER_MANIFEST_FILE)
        path.replace(former)
        report(f"{_why_anew(former, rpc_url)}; their manifest is written anew, the former is {former.name}")
        return run()


def _why_anew(former: Path, rpc_url: str) -> str:
    """What is the matter with a manifest that did not fit, for a person who has nothing to do about it."""
    try:
        before = read_manifest(former)
    except SuiteManifestError:
        return "the manifest of the contracts was damaged"
    if before.genesis_hash != SuiteView(JsonRpc(rpc_url)).genesis_hash():
        # killed before the first dump, or a person moved the chain's state away
        return "the development chain is a new one, nothing of the former was kept: the contracts get the same addresses again"
    return "the contracts are of another version than those on the development chain"


def _build_config(keys: KeyFiles, body_keys: BodyKeys, council_threshold: int, deployment: Deployment) -> SuiteConfig:
    config = SuiteConfig(
        sha256=b"",
        profile=Profile.DEVELOPMENT,
        chain_id=deployment.chain_id,
        currencies=CURRENCIES,
        council_address=deployment.council,
        evidence_log=deployment.evidence_log,
        council=Membership(tuple(sorted(keys.council_addresses)), council_threshold),
        guardian=Membership(tuple(sorted(map(secp256k1_address, body_keys.guardians))), 1),
        admin_delay_s=0,
        governor_delay_s=0,
        settlement=WINDOWS,
        bodies=(),
    )
    planned = plan_contracts(deployment.factory, config)
    registry = next(contract.address for contract in planned if contract.name == REGISTRY_NAME)
    bodies = tuple(_body(role, body_keys, deployment.chain_id, registry) for role in RESERVED_ROLES)
    return replace(config, bodies=bodies)


def _body(role: str, body_keys: BodyKeys, chain_id: int, registry: bytes) -> ReservedBody:
    business, finance = body_keys.business[role], body_keys.finance[role]
    grants = ((business, KEY_PURPOSES["BUSINESS"] | KEY_PURPOSES["METERING"]), (finance, KEY_PURPOSES["FINANCE"]))
    body = ReservedBody(
        code=role.lower(),
        body_id=keccak256(b"cityledger/v1/development-body" + business),  # the secret key is the salt
        role=RESERVED_ROLES[role],
        profile_digest=hashlib.sha256(f"development body {role}".encode()).digest(),
        qualification_digest=hashlib.sha256(f"development qualification {role}".encode()).digest(),
        qualified_until=NO_EARLY_END,
        possession_deadline=NO_EARLY_END,
        keys=tuple(BodyKey(secp256k1_address(key), purposes, b"") for key, purposes in grants),
    )
    digest = admission_digest(chain_id, registry, body)
    signed = tuple(
        replace(grant, possession=sign_digest(key, digest)[1])
        for grant, (key, _purposes) in zip(body.keys, grants, strict=True)
    )
    return replace(body, keys=signed)
