"""The council's part of a deployment: who may call what, bodies with reserved roles, directory entries, and the delays at the end.

Each step asks the chain whether it is done, so any run may do the rest. The delays come last because with them every further act
waits; a finished suite is changed by scheduled acts, not by this module.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from web3.exceptions import Web3Exception

from ledger.adapters.chain.council_acts import ActSigner, CouncilAct, is_signed_by, relay_act
from ledger.adapters.chain.deployment import DeploymentError
from ledger.adapters.chain.suite_admission import admission_arguments, admission_digest
from ledger.adapters.chain.suite_chain import SuiteChain, SuiteView
from ledger.adapters.chain.suite_config import Membership, ReservedBody, SuiteConfig
from ledger.adapters.chain.suite_plan import (
    ADMIN,
    COUNCIL_NAME,
    DIRECTORY_NAME,
    EMERGENCY,
    FUNCTION_ROLES,
    GOVERNOR,
    GUARDIAN,
    GUARDIAN_NAME,
    MANAGER_NAME,
    REGISTRY_NAME,
    ROLE_NAMES,
    FunctionRole,
)
from ledger.log.typed_data import to_checksum_address


@dataclass(frozen=True, slots=True)
class CouncilStep:
    """One act of the council. ``role`` is the role it acts in, whose delay it would have to wait for."""

    text: str
    role: int
    target: bytes
    data: bytes
    is_done: Callable[[], bool]


def council_steps(chain: SuiteChain, config: SuiteConfig, listed: Sequence[str]) -> list[CouncilStep]:
    """All steps, done or not, in their order. ``listed`` are the contracts that the directory names.

    Raises:
        DeploymentError: a body is on the chain with another role, or a key did not sign its admission.
    """
    council = chain.addresses[COUNCIL_NAME]
    steps = [_function_role(chain, functions) for functions in FUNCTION_ROLES]
    steps.append(
        CouncilStep(
            "GUARDIAN may cancel what GOVERNOR has scheduled",
            ADMIN,
            chain.addresses[MANAGER_NAME],
            chain.encode(MANAGER_NAME, "setRoleGuardian", GOVERNOR, GUARDIAN),
            lambda: bool(chain.ask(MANAGER_NAME, "getRoleGuardian", GOVERNOR) == GUARDIAN),
        )
    )
    members = ((GOVERNOR, council), (EMERGENCY, council), (GUARDIAN, chain.addresses[GUARDIAN_NAME]))
    steps += [_grant(chain, role, member) for role, member in members]
    steps += [_admission(chain, config, body) for body in config.bodies]
    steps += [_listing(chain, name) for name in listed]
    for role, delay_s in ((GOVERNOR, config.governor_delay_s), (ADMIN, config.admin_delay_s)):
        if delay_s or delay_of(chain, role, council):  # a member begins with none
            steps.append(_delay(chain, role, council, delay_s))
    return steps


def run_council(
    chain: SuiteChain,
    config: SuiteConfig,
    signer: ActSigner,
    steps: Sequence[CouncilStep],
    report: Callable[[CouncilStep], None],
) -> tuple[CouncilAct, ...]:
    """Does what is not done, as far as there are signatures; the acts that still wait for them.

    Raises:
        DeploymentError: an act failed, or would have to be scheduled because a delay is on already.
    """
    pending = [step for step in steps if not step.is_done()]
    _refuse_delayed(chain, pending)
    nonce, now_s = int(chain.ask(COUNCIL_NAME, "nonce")), chain.sender.chain_time_s()
    acts = [
        signer.prepare(
            CouncilAct(
                chain.sender.chain_id,
                chain.addresses[COUNCIL_NAME],
                step.target,
                step.data,
                nonce + place,
                now_s + signer.lifetime_s,
                step.text,
            ),
            now_s,
        )
        for place, step in enumerate(pending)
    ]
    for place, (step, act) in enumerate(zip(pending, acts, strict=True)):
        signatures = signer.signatures(act, config.council.bodies)
        if len(signatures) < config.council.threshold:
            return tuple(acts[place:])
        failure: Exception | None = None
        try:
            relay_act(chain.sender, act, signatures[: config.council.threshold])
        except Web3Exception as error:  # refused: perhaps because another run's act came first
            failure = error
        if not step.is_done():
            raise DeploymentError(f"The council's act failed: {act.text}: {failure}") from failure
        report(step)
    return ()


def membership_of(view: SuiteView, name: str) -> Membership:
    """Bodies and threshold of a council now."""
    bodies = sorted(bytes.fromhex(body[2:]) for body in view.ask(name, "bodies"))
    return Membership(tuple(bodies), int(view.ask(name, "threshold")))


def delay_of(chain: SuiteChain, role: int, member: bytes) -> int | None:
    """The execution delay of a role's member, in seconds; None when it is no member."""
    is_member, delay_s = chain.ask(MANAGER_NAME, "hasRole", role, to_checksum_address(member))
    return int(delay_s) if is_member else None


def directory_versions(chain: SuiteChain, names: Sequence[str]) -> dict[str, int]:
    """By name, the number under which the directory lists the contract's present address; 0 when it does not."""
    listed = chain.ask(DIRECTORY_NAME, "names")
    return {name: _version(chain, name) if directory_key(name) in listed else 0 for name in names}


def _version(chain: SuiteChain, name: str) -> int:
    key = directory_key(name)
    entry, newest = chain.ask(DIRECTORY_NAME, "current", key)
    for version in range(int(newest), 0, -1):
        if entry[0] == chain.text_address(name):
            return version
        if version > 1:
            entry = chain.ask(DIRECTORY_NAME, "entryOf", key, version - 1)
    return 0


def directory_key(name: str) -> bytes:
    """The name as the directory has it: ASCII, padded with zeros on the right, 32 bytes."""
    return name.encode("ascii").ljust(32, b"\0")


def _function_role(chain: SuiteChain, functions: FunctionRole) -> CouncilStep:
    target = chain.text_address(functions.contract)
    names = ", ".join(function.split("(")[0] for function in functions.functions)
    return CouncilStep(
        f"{ROLE_NAMES[functions.role]} on {functions.contract}: {names}",
        ADMIN,
        chain.addresses[MANAGER_NAME],
        chain.encode(MANAGER_NAME, "setTargetFunctionRole", target, functions.selectors, functions.role),
        lambda: all(
            chain.ask(MANAGER_NAME, "getTargetFunctionRole", target, selector) == functions.role
            for selector in functions.selectors
        ),
    )


def _grant(chain: SuiteChain, role: int, member: bytes) -> CouncilStep:
    return CouncilStep(
        f"{to_checksum_address(member)} gets {ROLE_NAMES[role]}",
        ADMIN,
        chain.addresses[MANAGER_NAME],
        chain.encode(MANAGER_NAME, "grantRole", role, to_checksum_address(member), 0),
        lambda: delay_of(chain, role, member) is not None,
    )


def _delay(chain: SuiteChain, role: int, member: bytes, delay_s: int) -> CouncilStep:
    return CouncilStep(
        f"acts as {ROLE_NAMES[role]} wait {delay_s} s from now on",
        ADMIN,
        chain.addresses[MANAGER_NAME],
        chain.encode(MANAGER_NAME, "grantRole", role, to_checksum_address(member), delay_s),
        lambda: delay_of(chain, role, member) == delay_s,
    )


def _listing(chain: SuiteChain, name: str) -> CouncilStep:
    return CouncilStep(
        f"the directory lists {name} at {chain.text_address(name)}",
        GOVERNOR,
        chain.addresses[DIRECTORY_NAME],
        chain.encode(DIRECTORY_NAME, "list", directory_key(name), chain.text_address(name)),
        lambda: directory_versions(chain, [name])[name] != 0,
    )


def _admission(chain: SuiteChain, config: SuiteConfig, body: ReservedBody) -> CouncilStep:
    def is_done() -> bool:
        status, _suspended_by, roles, *_rest = chain.ask(REGISTRY_NAME, "bodyOf", body.body_id)
        if status and roles != body.role:
            raise DeploymentError(f"The body {body.code} is on the chain with other roles: {roles:#x}.")
        return bool(status)

    if not is_done():
        check_possession(chain, config, body, chain.addresses[REGISTRY_NAME])
    return CouncilStep(
        f"the body {body.code} is admitted with the role bit {body.role:#x}",
        GOVERNOR,
        chain.addresses[REGISTRY_NAME],
        chain.encode(REGISTRY_NAME, "admitReserved", *admission_arguments(body)),
        is_done,
    )


def check_possession(chain: SuiteChain, config: SuiteConfig, body: ReservedBody, registry: bytes) -> None:
    """Whether the body's keys have signed its admission at this registry, in time: an act that must fail is put before nobody.

    Raises:
        DeploymentError: a key has not, or it is too late.
    """
    digest = admission_digest(config.chain_id, registry, body)
    if body.possession_deadline < chain.sender.chain_time_s():
        raise DeploymentError(f"The key signatures of the body {body.code} are no longer in time.")
    for key in body.keys:
        if chain.sender.code(key.address):
            continue  # a contract judges its signature itself, on the chain
        if not is_signed_by(key.address, digest, key.possession):
            raise DeploymentError(
                f"The key {to_checksum_address(key.address)} of the body {body.code} has not signed its admission."
                f" What it signs is 0x{digest.hex()}."
            )


def _refuse_delayed(chain: SuiteChain, pending: Sequence[CouncilStep]) -> None:
    for step in pending:
        delay_s = delay_of(chain, step.role, chain.addresses[COUNCIL_NAME])
        if delay_s:
            raise DeploymentError(
                f"The deployment was finished before: acts as {ROLE_NAMES[step.role]} wait {delay_s} s. Schedule this one"
                f" through the access manager: {step.text}."
            )
