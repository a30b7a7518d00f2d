"""Compares what the code on a chain does not decide with the plan, the manifest and the reviewed configuration.

Contracts that are the sources' to the byte can still stand where nobody reviewed them, read another registry, obey another manager, or be
governed by an account that nobody named. So each address is computed again from the recompiled creation code and the constructor's
arguments; each argument that names a contract must be that contract; and the access manager's roles, the directory and the bodies with
reserved roles are read from the chain and compared. Members of roles, and bodies, are found in the events of contracts whose code
was compared, from the first block on: a node that hides events hides them, so ask a node you trust.

The manifest and the chain are the operator's. Only with the configuration, which bodies have signed off, are the council's and the guardian's
bodies, the delays, the windows and the bodies with reserved roles judged; without it they are shown.

Not judged: keys that bodies took later, acts that are scheduled and wait, products, agreements and everything else that bodies do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError

from ledger.adapters.chain.abi import constructor_types
from ledger.adapters.chain.artifact import contract_salt, create2_address, load_artifact
from ledger.adapters.chain.deployment import FACTORY_RUNTIME_CODE
from ledger.adapters.chain.suite_addresses import artifact_name, encode_membership
from ledger.adapters.chain.suite_chain import SuiteView
from ledger.adapters.chain.suite_config import SuiteConfig
from ledger.adapters.chain.suite_governance import directory_key, membership_of
from ledger.adapters.chain.suite_manifest import ContractRecord, SuiteManifest
from ledger.adapters.chain.suite_plan import (
    ADMIN,
    COUNCIL_NAME,
    DIRECTORY_NAME,
    EMERGENCY,
    EVIDENCE_LOG_NAME,
    FUNCTION_ROLES,
    GOVERNOR,
    GUARDIAN,
    GUARDIAN_NAME,
    MANAGER_NAME,
    REGISTRY_NAME,
    ROLE_NAMES,
    SUITE,
    ContractPlan,
)
from ledger.adapters.chain.suite_review import (
    body_differences,
    configured_differences,
    reserved_bodies,
    role_names,
)
from ledger.log.typed_data import to_checksum_address

PLAN: Final = (ContractPlan(MANAGER_NAME, (COUNCIL_NAME,)), *SUITE)
NAMES: Final = (COUNCIL_NAME, EVIDENCE_LOG_NAME, GUARDIAN_NAME, *(plan.name for plan in PLAN))
"""Every contract of a whole deployment, in the manifest's order."""
ROLE_GRANTED: Final = "RoleGranted(uint64,address,uint32,uint48,bool)"
FUNCTION_ROLE_SET: Final = "TargetFunctionRoleUpdated(address,bytes4,uint64)"
TARGET_CLOSED: Final = "TargetClosed(address,bool)"


@dataclass(frozen=True, slots=True)
class State:
    """What was found: ``shown`` is for a person to judge, ``differences`` are judged."""

    shown: tuple[str, ...]
    differences: tuple[str, ...]


def set_differences(manifest: SuiteManifest) -> list[str]:
    """What the manifest names else than every contract of the suite once; before anything is asked of the chain."""
    named = [record.name for record in manifest.contracts]
    found = [f"the manifest does not name {name}" for name in NAMES if name not in named]
    found += [f"the manifest names {name}, which is no contract of the suite" for name in named if name not in NAMES]
    found += [f"the manifest names {name} more than once" for name in sorted(set(named)) if named.count(name) > 1]
    found += [
        f"the manifest calls {record.name} a {record.contract_name}"
        for record in manifest.contracts
        if record.name in NAMES and record.contract_name != artifact_name(record.name)
    ]
    return found


def verify_state(
    view: SuiteView, manifest: SuiteManifest, creation_codes: Mapping[str, bytes], config: SuiteConfig | None
) -> State:
    """Compares all of it.

    Args:
        view: the chain; its ``addresses`` are set to the manifest's.
        manifest: one in which ``set_differences`` finds nothing, with code at every address.
        creation_codes: what the sources give, by contract name.
        config: the reviewed configuration; None to judge only what follows from the plan and the manifest.
    """
    records = {record.name: record for record in manifest.contracts}
    view.addresses = {name: record.address for name, record in records.items()}
    differences = [*_places(view, manifest, records, creation_codes), *_governance(view, manifest, records, config)]
    differences += _directory(view, records)
    reserved = reserved_bodies(view)
    if config is not None:
        differences += [
            *configured_differences(view, manifest, records, config),
            *body_differences(view, reserved, config),
        ]
    shown = [
        f"{name}: {membership.threshold} of {', '.join(map(to_checksum_address, membership.bodies))}"
        for name in (COUNCIL_NAME, GUARDIAN_NAME)
        for membership in [membership_of(view, name)]
    ]
    shown += [f"{ROLE_NAMES[role]} waits {_delay(view, role)} s" for role in (ADMIN, GOVERNOR)]
    shown += [f"body 0x{body.hex()} has {role_names(roles)}" for body, roles in reserved.items()]
    return State(tuple(shown), tuple(differences))


def _places(
    view: SuiteView,
    manifest: SuiteManifest,
    records: Mapping[str, ContractRecord],
    creation_codes: Mapping[str, bytes],
) -> Iterator[str]:
    if view.genesis_hash() != manifest.genesis_hash:
        yield "the chain has another first block than the manifest says: it is another chain, or one begun anew"
    if view.code(manifest.factory) != FACTORY_RUNTIME_CODE:
        yield f"there is no deterministic-deployment proxy at {to_checksum_address(manifest.factory)}"
    for plan in (ContractPlan(EVIDENCE_LOG_NAME, (COUNCIL_NAME,)), *PLAN):
        yield from _arguments(records, plan)
    for name in (GUARDIAN_NAME, *(plan.name for plan in PLAN)):
        record = records[name]
        creation_code = creation_codes[record.contract_name] + (record.arguments or b"")
        if create2_address(manifest.factory, contract_salt(name), creation_code) != record.address:
            yield (
                f"{name} stands at {to_checksum_address(record.address)}, where the sources and the arguments in the"
                " manifest do not put it"
            )


def _arguments(records: Mapping[str, ContractRecord], plan: ContractPlan) -> Iterator[str]:
    types = constructor_types(load_artifact(plan.name).abi)
    raw = records[plan.name].arguments or b""
    try:
        values = decode(types, raw)
        is_exact = encode(types, values) == raw
    except (DecodingError, OverflowError):
        values, is_exact = (), False
    if not is_exact:
        yield f"the arguments of {plan.name} in the manifest cannot be decoded"
        return
    for argument, value in _pairs(plan.arguments, values):
        if argument in records and value != "0x" + records[argument].address.hex():
            yield f"{plan.name} was made with {value} for {argument}, which is not the manifest's"


def _pairs(arguments: tuple[Any, ...], values: Any) -> Iterator[tuple[str, Any]]:
    for argument, value in zip(arguments, values, strict=True):
        if isinstance(argument, tuple):
            yield from _pairs(argument, value)
        else:
            yield argument, value


def _governance(
    view: SuiteView, manifest: SuiteManifest, records: Mapping[str, ContractRecord], config: SuiteConfig | None
) -> Iterator[str]:
    council, guardian = view.addresses[COUNCIL_NAME], view.addresses[GUARDIAN_NAME]
    members = {ADMIN: council, GOVERNOR: council, EMERGENCY: council, GUARDIAN: guardian}
    written = {role.role_id: role for role in manifest.roles}
    if set(written) != set(ROLE_NAMES):
        yield "the manifest does not name the roles of the suite: the deployment was not finished"
    delays = {role: written[role].delay_s if role in written else 0 for role in ROLE_NAMES}
    if config is not None:
        delays |= {ADMIN: config.admin_delay_s, GOVERNOR: config.governor_delay_s, EMERGENCY: 0, GUARDIAN: 0}
    granted = {
        (int(log["topics"][1], 16), bytes.fromhex(log["topics"][2][-40:]))
        for log in view.logs(MANAGER_NAME, ROLE_GRANTED)
    }
    for role, account in sorted(granted | set(members.items())):
        yield from _member(view, role, account, delays[role] if members.get(role) == account else None)
    for role in sorted(set(ROLE_NAMES) | {role for role, _ in granted}):
        yield from _role(view, role)
    yield from _functions(view)
    for name in (DIRECTORY_NAME, REGISTRY_NAME):
        authority = view.ask(name, "authority")
        if authority != view.text_address(MANAGER_NAME):
            yield f"{name} obeys another manager: {authority}"
    if config is None and encode_membership(membership_of(view, GUARDIAN_NAME)) != records[GUARDIAN_NAME].arguments:
        yield "the guardian council has other bodies, or another threshold, than the arguments in the manifest"


def _role(view: SuiteView, role: int) -> Iterator[str]:
    name = _role_name(role)
    for function, expected in (("getRoleGuardian", GUARDIAN if role == GOVERNOR else ADMIN), ("getRoleAdmin", ADMIN)):
        found = view.ask(MANAGER_NAME, function, role)
        if found != expected:
            yield f"{function} of {name} is {ROLE_NAMES.get(found, found)}, not the plan's"
    if delay_s := view.ask(MANAGER_NAME, "getRoleGrantDelay", role):
        yield f"getRoleGrantDelay of {name} is {delay_s}, not the plan's"


def _member(view: SuiteView, role: int, account: bytes, delay_s: int | None) -> Iterator[str]:
    """``delay_s`` is what the member's delay has to be; None for an account that has to be no member."""
    since, now_s, pending_s, effect = view.ask(MANAGER_NAME, "getAccess", role, to_checksum_address(account))
    shown, name = to_checksum_address(account), _role_name(role)
    if delay_s is None:
        if since:
            yield f"{shown} has {name}, which the plan does not give it"
    elif not since:
        yield f"{shown} does not have {name}"
    elif now_s != delay_s:
        yield f"acts as {name} wait {now_s} s, not {delay_s} s"
    elif effect:
        yield f"acts as {name} wait {now_s} s, but {pending_s} s from the time {effect} on"


def _functions(view: SuiteView) -> Iterator[str]:
    planned = {
        (view.addresses[entry.contract], selector): entry.role
        for entry in FUNCTION_ROLES
        for selector in entry.selectors
    }
    logged = {
        (bytes.fromhex(log["topics"][1][-40:]), bytes.fromhex(log["data"][2:10]))
        for log in view.logs(MANAGER_NAME, FUNCTION_ROLE_SET)
    }
    names = {address: name for name, address in view.addresses.items()}
    for target, selector in sorted(logged | set(planned)):
        text = to_checksum_address(target)
        found = view.ask(MANAGER_NAME, "getTargetFunctionRole", text, selector)
        expected = planned.get((target, selector), ADMIN)
        if found != expected:
            who = f"may be called as {_role_name(found)}, not as {_role_name(expected)}"
            yield f"0x{selector.hex()} on {names.get(target, text)} {who}"
    targets = {bytes.fromhex(log["topics"][1][-40:]) for log in view.logs(MANAGER_NAME, TARGET_CLOSED)}
    for target in sorted(targets):
        if view.ask(MANAGER_NAME, "isTargetClosed", to_checksum_address(target)):
            yield f"the access manager has closed {names.get(target, to_checksum_address(target))}"
    for name in (MANAGER_NAME, DIRECTORY_NAME, REGISTRY_NAME):
        if delay_s := view.ask(MANAGER_NAME, "getTargetAdminDelay", view.text_address(name)):
            yield f"acts of ADMIN on {name} wait {delay_s} s of their own, which the plan does not have"


def _directory(view: SuiteView, records: Mapping[str, ContractRecord]) -> Iterator[str]:
    listed = view.ask(DIRECTORY_NAME, "names")
    known = {directory_key(name) for name in records}
    for key in listed:
        if key not in known:
            yield f"the directory lists {key.rstrip(bytes(1)).decode('ascii', 'replace')!r}, which the manifest does not name"
    for name, record in records.items():
        if directory_key(name) not in listed:
            yield f"the directory does not list {name}"
            continue
        entry, version = view.ask(DIRECTORY_NAME, "current", directory_key(name))
        if entry[0] != to_checksum_address(record.address):
            yield f"the directory's {name} is version {version} at {entry[0]}, not the manifest's"
        elif version != record.version:
            yield f"the directory's {name} is version {version}; the manifest says {record.version}"


def _role_name(role: int) -> str:
    """A role of the access manager, for a person."""
    return ROLE_NAMES.get(role, f"role {role}")


def _delay(view: SuiteView, role: int) -> int:
    return int(view.ask(MANAGER_NAME, "getAccess", role, view.text_address(COUNCIL_NAME))[1])
