"""Deploys the contract suite at addresses that follow from code and arguments alone, and has the council set it up.

The same call does a first deployment, the rest of an interrupted one, and nothing on a finished chain: every step first asks the
chain whether it is done. After every step the manifest is written anew. The account that sends gets no rights at any time: the
access manager is born with the council as its admin.

Order: adopt ``Council`` and ``EvidenceLog``; ``GuardianCouncil``; ``AccessManager``; the suite (``suite_plan.SUITE``); the
council's acts (``suite_governance``), the delays last.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eth_abi.abi import encode
from web3.exceptions import Web3Exception

from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.council_acts import ActSigner, CouncilAct
from ledger.adapters.chain.deployment import DeploymentError, MinedAt, ensure_factory, mined_at
from ledger.adapters.chain.errors import WrongChainError
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.chain.suite_addresses import PlannedContract, artifact_name, plan_contracts
from ledger.adapters.chain.suite_chain import SuiteChain
from ledger.adapters.chain.suite_config import SuiteConfig
from ledger.adapters.chain.suite_governance import (
    CouncilStep,
    check_possession,
    council_steps,
    delay_of,
    directory_versions,
    membership_of,
    run_council,
)
from ledger.adapters.chain.suite_manifest import (
    ContractRecord,
    RoleRecord,
    SuiteManifest,
    SuiteManifestError,
    read_manifest,
    write_manifest,
)
from ledger.adapters.chain.suite_plan import (
    ADMIN,
    COUNCIL_NAME,
    DIRECTORY_NAME,
    EVIDENCE_LOG_NAME,
    GUARDIAN_NAME,
    MANAGER_NAME,
    REGISTRY_NAME,
    ROLE_NAMES,
)
from ledger.log.typed_data import keccak256, to_checksum_address


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """What a run came to: the manifest as written, and the council acts that still lack signatures."""

    manifest: SuiteManifest
    waiting: tuple[CouncilAct, ...]


def deploy_suite(
    rpc_url: str,
    sender_key: bytes,
    config: SuiteConfig,
    signer: ActSigner,
    manifest_path: Path,
    *,
    report: Callable[[str], None] = lambda _: None,
) -> SuiteResult:
    """Does everything that is not done.

    Args:
        rpc_url: the node.
        sender_key: secp256k1 key of the account that sends; it gets no rights.
        config: what to deploy.
        signer: where the council's signatures come from.
        manifest_path: the manifest's file; one of the same deployment is continued.
        report: takes one line for each step that was done now.

    Raises:
        DeploymentError: the chain is not what the configuration says, or a step failed.
        SuiteManifestError: there is a manifest of another deployment.
        WrongChainError: the node serves another chain.
        ChainUnavailableError: the node does not answer; run it again.
    """
    chain = SuiteChain(JsonRpc(rpc_url), TransactionSender(rpc_url, sender_key))
    if chain.sender.chain_id != config.chain_id:
        raise WrongChainError(f"The node serves chain {chain.sender.chain_id}, not {config.chain_id}.")
    run = _Run(chain, config, manifest_path, report)
    run.adopt()
    planned = plan_contracts(run.factory, config)
    run.check_admissions(planned)
    for contract in planned:
        run.deploy(contract)
    run.look()
    listed = [COUNCIL_NAME, EVIDENCE_LOG_NAME, *(contract.name for contract in planned)]
    waiting = run_council(chain, config, signer, council_steps(chain, config, listed), run.step_was_done)
    return SuiteResult(run.manifest, waiting)


class _Run:
    """One run: the chain, what was written down before, and what is known now."""

    def __init__(
        self, chain: SuiteChain, config: SuiteConfig, manifest_path: Path, report: Callable[[str], None]
    ) -> None:
        self._chain, self._config, self._path, self._report = chain, config, manifest_path, report
        if not manifest_path.parent.is_dir():  # before anything is sent that could then not be written down
            raise SuiteManifestError(f"{manifest_path.parent} is no folder: make it, for the manifest")
        self.factory = ensure_factory(chain.sender)
        genesis_hash = chain.genesis_hash()
        self.manifest = SuiteManifest(
            config.chain_id, genesis_hash, config.profile, config.sha256, self.factory, (), ()
        )
        self._before: dict[str, ContractRecord] = {}
        if manifest_path.exists():
            before = read_manifest(manifest_path)
            if replace(before, contracts=(), roles=()) != self.manifest:
                raise SuiteManifestError(
                    f"{manifest_path} is of another chain or another configuration: give another file for this one"
                )
            self._before = {record.name: record for record in before.contracts}
            self.manifest = replace(self.manifest, roles=before.roles)

    def adopt(self) -> None:
        """Takes in the council and the evidence log that are there, after checking that they are what the configuration says."""
        config, chain = self._config, self._chain
        chain.addresses[COUNCIL_NAME] = config.council_address
        chain.addresses[EVIDENCE_LOG_NAME] = config.evidence_log
        codes = {name: chain.sender.code(chain.addresses[name]) for name in (COUNCIL_NAME, EVIDENCE_LOG_NAME)}
        for name, code in codes.items():
            if not load_artifact(name).is_code_of(code):
                raise DeploymentError(f"There is no {name} of this version at {chain.text_address(name)}.")
        if membership_of(chain, COUNCIL_NAME) != config.council:
            raise DeploymentError("The adopted council has other bodies, or another threshold, than the configuration.")
        if chain.ask(EVIDENCE_LOG_NAME, "council") != chain.text_address(COUNCIL_NAME):
            raise DeploymentError("The adopted evidence log belongs to another council.")
        self._record(COUNCIL_NAME, None, codes[COUNCIL_NAME], None)
        council = encode(["address"], [chain.text_address(COUNCIL_NAME)])
        self._record(EVIDENCE_LOG_NAME, council, codes[EVIDENCE_LOG_NAME], None)

    def check_admissions(self, planned: Sequence[PlannedContract]) -> None:
        """Before the registry stands: nothing is deployed for bodies whose admission would have to fail."""
        registry = next(contract.address for contract in planned if contract.name == REGISTRY_NAME)
        if not self._chain.sender.code(registry):
            for body in self._config.bodies:
                check_possession(self._chain, self._config, body, registry)

    def deploy(self, contract: PlannedContract) -> None:
        """Deploys a contract unless its code is at its address already."""
        name, address, sender = contract.name, contract.address, self._chain.sender
        mined: MinedAt | None = None
        failure: Exception | None = None
        code = sender.code(address)
        is_new = not code
        if is_new:
            try:
                mined = mined_at(sender.send(self.factory, contract.factory_data))
            except Web3Exception as error:  # refused: perhaps because another run deployed it just now
                failure = error
            code = sender.code(address)
        if not load_artifact(artifact_name(name)).is_code_of(code):
            what = "other code" if code else "no code, because the chain refused its constructor's arguments,"
            raise DeploymentError(f"{name} has {what} at {to_checksum_address(address)}.") from failure
        self._chain.addresses[name] = address
        if mined is None and not self._is_known(name, address):
            mined = self._chain.find_transaction(self.factory, contract.factory_data, self._last_block())
        self._record(name, contract.arguments, code, mined)
        if is_new:
            self._write()
            self._report(f"{name} stands at {to_checksum_address(address)}")

    def look(self) -> None:
        """Takes roles and the directory's versions from the chain into the manifest, when all contracts are there."""
        self._read_versions()
        self._read_roles()
        self._write()

    def step_was_done(self, step: CouncilStep) -> None:
        """Writes down what an act of the council changed."""
        if step.target == self._chain.addresses[MANAGER_NAME]:
            self._read_roles()
        elif step.target == self._chain.addresses[DIRECTORY_NAME]:
            self._read_versions()
        self._write()
        self._report(step.text)

    def _write(self) -> None:
        """What an earlier run knew and this one has not come to yet stays in the manifest."""
        coming = (record for name, record in self._before.items() if name not in self._chain.addresses)
        write_manifest(self._path, replace(self.manifest, contracts=(*self.manifest.contracts, *coming)))

    def _is_known(self, name: str, address: bytes) -> bool:
        before = self._before.get(name)
        return before is not None and before.address == address and before.tx_hash is not None

    def _last_block(self) -> int:
        numbers = [record.block_number for record in self._before.values() if record.block_number is not None]
        return max(numbers, default=0)

    def _record(self, name: str, arguments: bytes | None, code: bytes, mined: MinedAt | None) -> None:
        address = self._chain.addresses[name]
        before = self._before.get(name)
        version = 0
        if mined is None and before is not None and before.address == address:
            version = before.version
            if before.tx_hash and before.block_hash:
                mined = MinedAt(before.tx_hash, before.block_hash, before.block_number or 0)
        record = ContractRecord(
            name=name,
            contract_name=artifact_name(name),
            version=version,
            address=address,
            arguments=arguments,
            code_hash=keccak256(code),
            source_hash=load_artifact(artifact_name(name)).source_hash,
            tx_hash=mined.tx_hash if mined else None,
            block_hash=mined.block_hash if mined else None,
            block_number=mined.block_number if mined else None,
        )
        self.manifest = replace(self.manifest, contracts=(*self.manifest.contracts, record))

    def _read_versions(self) -> None:
        versions = directory_versions(self._chain, [record.name for record in self.manifest.contracts])
        contracts = tuple(replace(record, version=versions[record.name]) for record in self.manifest.contracts)
        self.manifest = replace(self.manifest, contracts=contracts)

    def _read_roles(self) -> None:
        """The roles as the chain has them, for the accounts that this deployment knows."""
        chain, records = self._chain, []
        accounts = [chain.addresses[COUNCIL_NAME], chain.addresses[GUARDIAN_NAME]]
        for role, name in ROLE_NAMES.items():
            delays = {account: delay_of(chain, role, account) for account in accounts}
            members = tuple(account for account, delay_s in delays.items() if delay_s is not None)
            guardian = int(chain.ask(MANAGER_NAME, "getRoleGuardian", role))
            records.append(
                RoleRecord(
                    role,
                    name,
                    members,
                    max((delays[member] or 0 for member in members), default=0),
                    None if guardian == ADMIN else ROLE_NAMES.get(guardian, str(guardian)),
                )
            )
        self.manifest = replace(self.manifest, roles=tuple(records))
