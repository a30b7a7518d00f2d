"""What a control instruction says: the members that a connector fetches, under the names of ``ledger.domain.control_instruction``. Pure."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ledger.domain.control_instruction import Instructed
from ledger.domain.policies.national import encode_national
from ledger.log.canonical import encode_jcs
from ledger.log.timestamps import format_time


def instruction_content(instructed: Instructed, side: str) -> dict[str, Any]:
    """What the connector of this side fetches."""
    nodes, part = instructed.nodes, instructed.part
    [item], [policy] = part.items, part.policies
    [read] = part.read_policies()
    return {
        "ctrlInstructiontId": instructed.number,
        "purpose": str(instructed.purpose),
        "connectorId": nodes[side],
        "issuerConnectorId": nodes["consumer"],
        "targetConnectorId": nodes["provider"],
        "contractId": instructed.contract_id,
        "contractHash": instructed.contract_hash,
        "productId": item.product_id,
        "productVersion": item.product_version,
        "dataFields": list(item.fields),
        "strategyId": strategy_id(policy),
        "strategyVersion": "1",
        "transactionExecutionStrategy": {"contractPolicies": encode_national(read), "policy": dict(policy)},
        "issuedAt": format_time(instructed.issued_at),
        "activationTime": format_time(instructed.effective_at),
        "endTime": format_time(instructed.ends_at),
    }


def strategy_id(policy: Mapping[str, Any]) -> str:
    """``strategyId`` of a policy, 36 characters: a UUID (RFC 9562, version 5) of its SHA-256, so that the same policy has the same name."""
    return str(uuid5(NAMESPACE_URL, f"urn:cityledger:strategy:{sha256(encode_jcs(dict(policy))).hexdigest()}"))
