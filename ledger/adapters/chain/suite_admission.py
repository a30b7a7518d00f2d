"""What the first keys of a body with a reserved role sign, and the call that admits it.

What is signed is the act ``Admission``. No SM2 digest is put in here: its field is zero.
"""

from typing import Any

from ledger.adapters.chain.suite_config import ReservedBody
from ledger.adapters.chain.suite_plan import REGISTRY_NAME
from ledger.domain.acts.participant_registry import Admission, KeyGrant
from ledger.domain.typed_acts import NO_SM2_SIGNATURE, Domain, Tail, act_signing_digest
from ledger.log.typed_data import to_checksum_address


def admission_digest(chain_id: int, registry: bytes, body: ReservedBody) -> bytes:
    """The digest that each of the body's keys signs before it can be admitted, 32 bytes."""
    admission = Admission(
        body_id=body.body_id,
        roles=body.role,
        profile_digest=body.profile_digest,
        qualification_digest=body.qualification_digest,
        qualified_until=body.qualified_until,
        keys=tuple(KeyGrant(key.address, key.purposes) for key in body.keys),
    )
    tail = Tail(signer=body.body_id, deadline=body.possession_deadline)
    return act_signing_digest(admission, tail, Domain(REGISTRY_NAME, chain_id, registry))


def admission_arguments(body: ReservedBody) -> list[Any]:
    """The arguments of ``admitReserved``: the admission and a signature of each key."""
    admission = (
        body.body_id,
        body.role,
        body.profile_digest,
        body.qualification_digest,
        body.qualified_until,
        [(to_checksum_address(key.address), key.purposes) for key in body.keys],
    )
    signatures = [
        (
            body.body_id,
            to_checksum_address(key.address),
            NO_SM2_SIGNATURE,
            body.possession_deadline,
            key.possession,
        )
        for key in body.keys
    ]
    return [admission, signatures]
