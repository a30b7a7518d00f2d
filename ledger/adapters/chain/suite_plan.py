"""What the suite consists of and who governs it: the tables that deployment, verification and the role matrix read.

Deployment order is the order of dependence, so constructors take addresses and nothing is wired afterwards.
"""

from dataclasses import dataclass
from typing import Final

from ledger.log.typed_data import keccak256

COUNCIL_NAME: Final = "Council"
EVIDENCE_LOG_NAME: Final = "EvidenceLog"
GUARDIAN_NAME: Final = "GuardianCouncil"
MANAGER_NAME: Final = "AccessManager"
DIRECTORY_NAME: Final = "Directory"
REGISTRY_NAME: Final = "ParticipantRegistry"

ADMIN, GOVERNOR, EMERGENCY, GUARDIAN = range(4)
ROLE_NAMES: Final = {ADMIN: "ADMIN", GOVERNOR: "GOVERNOR", EMERGENCY: "EMERGENCY", GUARDIAN: "GUARDIAN"}


ConstructorArgument = str | tuple["ConstructorArgument", ...]
"""The name of a contract (its address), ``currencies``, a name of ``SuiteConfig.settlement``, or a struct of such."""


@dataclass(frozen=True, slots=True)
class ContractPlan:
    """A contract of the suite and its constructor's arguments, in order; a tuple within them stands for a struct."""

    name: str
    arguments: tuple[ConstructorArgument, ...]


SUITE: Final = (
    ContractPlan("Directory", ("AccessManager",)),
    ContractPlan("ParticipantRegistry", ("AccessManager",)),
    ContractPlan("ProductRegistry", ("ParticipantRegistry",)),
    ContractPlan("SettlementRules", ("ParticipantRegistry",)),
    ContractPlan(
        "DigitalContractRegistry",
        ("ParticipantRegistry", "ProductRegistry", "SettlementRules", "usage_answer_min_s"),
    ),
    ContractPlan("Orders", ("ParticipantRegistry", "ProductRegistry", "DigitalContractRegistry")),
    ContractPlan("DeliveryReceipts", ("ParticipantRegistry", "DigitalContractRegistry", "ProductRegistry")),
    ContractPlan(
        "Disputes",
        ("ParticipantRegistry", "DigitalContractRegistry", "DeliveryReceipts", "dispute_freeze_max_s"),
    ),
    ContractPlan(
        "RevenueSettlement",
        (
            "ParticipantRegistry",
            ("DigitalContractRegistry", "SettlementRules", "DeliveryReceipts", "Disputes"),
            "currencies",
        ),
    ),
    ContractPlan(
        "DistributionTables",
        (
            "ParticipantRegistry",
            "DigitalContractRegistry",
            "RevenueSettlement",
            "window_floor_s",
            "objection_answer_s",
            "review_request_s",
        ),
    ),
    ContractPlan(
        "Payouts",
        ("ParticipantRegistry", "RevenueSettlement", "DistributionTables", "Disputes", "account_cooling_s"),
    ),
)


@dataclass(frozen=True, slots=True)
class FunctionRole:
    """Functions of one contract that one role may call. ``functions`` are canonical signatures."""

    contract: str
    role: int
    functions: tuple[str, ...]

    @property
    def selectors(self) -> list[bytes]:
        """The functions' selectors, 4 bytes each."""
        return [keccak256(function.encode())[:4] for function in self.functions]


_GRANT: Final = "(address,uint8)"
"""``KeyGrant`` of the sources."""
_SIGNATURE: Final = "(bytes32,address,bytes32,uint256,bytes)"
"""``PartySignature`` of the sources."""

FUNCTION_ROLES: Final = (
    # changes nothing about who may call these (the manager has them hard-wired to ADMIN), but decides whose guardian may
    # cancel them: ADMIN's could not be set. Without setRoleGuardian: a guardian could veto its own replacement for ever.
    FunctionRole(
        MANAGER_NAME,
        GOVERNOR,
        (
            "grantRole(uint64,address,uint32)",
            "revokeRole(uint64,address)",
            "setRoleAdmin(uint64,uint64)",
            "setGrantDelay(uint64,uint32)",
            "setTargetFunctionRole(address,bytes4[],uint64)",
            "setTargetClosed(address,bool)",
            "setTargetAdminDelay(address,uint32)",
            "updateAuthority(address,address)",
        ),
    ),
    FunctionRole(DIRECTORY_NAME, GOVERNOR, ("list(bytes32,address)",)),
    FunctionRole(
        REGISTRY_NAME,
        GOVERNOR,
        (
            f"admitReserved((bytes32,uint32,bytes32,bytes32,uint64,{_GRANT}[]),{_SIGNATURE}[])",
            "renewReservedQualification(bytes32,bytes32,uint64)",
            "reinstateReserved(bytes32,bytes32)",
            f"recoverKey(bytes32,address[],{_GRANT},bytes32,{_SIGNATURE})",
        ),
    ),
    FunctionRole(REGISTRY_NAME, EMERGENCY, ("suspendReserved(bytes32,bytes32)",)),
)
