"""The part of a regulator's check that needs the reviewed configuration: what bodies have signed off against what the chain has."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ledger.adapters.chain.suite_addresses import plan_contracts
from ledger.adapters.chain.suite_chain import SuiteView
from ledger.adapters.chain.suite_config import RESERVED_ROLES, ReservedBody, SuiteConfig
from ledger.adapters.chain.suite_governance import membership_of
from ledger.adapters.chain.suite_manifest import ContractRecord, SuiteManifest
from ledger.adapters.chain.suite_plan import COUNCIL_NAME, EVIDENCE_LOG_NAME, GUARDIAN_NAME, REGISTRY_NAME

RESERVED_BITS: Final = sum(RESERVED_ROLES.values())
BODY_ADMITTED: Final = "BodyAdmitted(bytes32,uint32,bytes32)"
KEY_ADDED: Final = "KeyAdded(bytes32,address,uint8,bool)"


def configured_differences(
    view: SuiteView, manifest: SuiteManifest, records: Mapping[str, ContractRecord], config: SuiteConfig
) -> Iterator[str]:
    """Contracts, arguments and councils that are not the configuration's. ``records`` are the manifest's, by name."""
    if config.sha256 != manifest.config_sha256:
        yield "the manifest is of another configuration"
    if (config.chain_id, config.profile) != (manifest.chain_id, manifest.profile):
        yield "the manifest has another chain id, or another profile, than the configuration"
    adopted = {COUNCIL_NAME: config.council_address, EVIDENCE_LOG_NAME: config.evidence_log}
    for name, address in adopted.items():
        if records[name].address != address:
            yield f"the manifest's {name} is not the configuration's"
    for planned in plan_contracts(manifest.factory, config):
        if records[planned.name].arguments != planned.arguments:
            yield f"{planned.name} was made with other arguments than the configuration has"
    for name, membership in ((COUNCIL_NAME, config.council), (GUARDIAN_NAME, config.guardian)):
        if membership_of(view, name) != membership:
            yield f"{name} has other bodies, or another threshold, than the configuration"


def body_differences(view: SuiteView, reserved: Mapping[bytes, int], config: SuiteConfig) -> Iterator[str]:
    """Bodies with reserved roles that are not the configuration's. ``reserved`` is what ``reserved_bodies`` found."""
    configured = {body.body_id: body for body in config.bodies}
    admitted = {bytes.fromhex(log["topics"][1][2:]): log for log in view.logs(REGISTRY_NAME, BODY_ADMITTED)}
    added = view.logs(REGISTRY_NAME, KEY_ADDED)
    for body_id, roles in reserved.items():
        if body_id not in configured:
            yield f"the body 0x{body_id.hex()} has {role_names(roles)}, and the configuration does not have it"
    for body_id, body in configured.items():
        if body_id not in reserved:
            yield f"the body {body.code} of the configuration has no reserved role on the chain"
        elif reserved[body_id] != body.role:
            yield f"the body {body.code} has {role_names(reserved[body_id])}, not the configuration's role"
        elif _admitted_as(admitted[body_id], added) != _admission_of(body):
            yield f"the body {body.code} was admitted with another profile, or other keys, than the configuration's"


def _admission_of(body: ReservedBody) -> tuple[bytes, frozenset[tuple[bytes, int]]]:
    return body.profile_digest, frozenset((key.address, key.purposes) for key in body.keys)


def _admitted_as(admitted: Any, added: Sequence[Any]) -> tuple[bytes, frozenset[tuple[bytes, int]]]:
    """Profile and first keys: those that the transaction of the admission added; both arguments are logs."""
    keys = {
        (bytes.fromhex(key["topics"][2][-40:]), int(key["data"][2:66], 16))
        for key in added
        if key["transactionHash"] == admitted["transactionHash"] and key["topics"][1] == admitted["topics"][1]
    }
    return bytes.fromhex(admitted["data"][2:])[32:64], frozenset(keys)


def reserved_bodies(view: SuiteView) -> dict[bytes, int]:
    """By id, all roles of each body that has a reserved one now."""
    found = {}
    for log in view.logs(REGISTRY_NAME, BODY_ADMITTED):
        body_id = bytes.fromhex(log["topics"][1][2:])
        roles = int(view.ask(REGISTRY_NAME, "bodyOf", body_id)[2])
        if roles & RESERVED_BITS:
            found[body_id] = roles
    return found


def role_names(roles: int) -> str:
    """The reserved roles among these bits, for a person."""
    named = [name for name, bit in RESERVED_ROLES.items() if roles & bit]
    return " and ".join(named) or f"the role bits {roles:#x}"
