"""The interface of ``Payouts``, as long as that is and to be read whole. Written by ``scripts/export_bindings.py``; do not edit."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Final

from ledger.adapters.chain.abi import AbiEvent, AbiRevert, AbiStruct, Field, decode_answer, encode_call
from ledger.adapters.chain.bindings.shared import (
    AccountVersion,
    AgreementTermsMismatch,
    LargestRemainderLengthMismatch,
    LargestRemainderRecipientCount,
    LargestRemainderTotalWeight,
    LineProof,
    PackedAmountsTooLarge,
    PartyActExpired,
    PartyActWrongSigner,
    PartySignature,
    PartySigned,
    PayeeAccountsCooling,
    PayeeAccountsNone,
    PayeeAccountsNothingToCancel,
    PayeeAccountsSignatureCount,
    PayeeAccountsWrongPurpose,
    PayeeAccountsWrongVersion,
    PayeeAccountsZeroDigest,
    SplitVectorNotAscending,
    SplitVectorPartWeightSum,
    SplitVectorShareCount,
    SplitVectorShareOutOfBounds,
    SplitVectorShareSum,
)


@dataclass(frozen=True, slots=True)
class PayoutsAlreadyCollected(AbiRevert):
    """Error ``PayoutsAlreadyCollected``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("07c1d319")
    line_id: bytes


@dataclass(frozen=True, slots=True)
class PayoutsAlreadyCredited(AbiRevert):
    """Error ``PayoutsAlreadyCredited``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("ebc932e6")
    line_id: bytes


@dataclass(frozen=True, slots=True)
class PayoutsAlreadyInstructed(AbiRevert):
    """Error ``PayoutsAlreadyInstructed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("56b3cf50")
    payout_id: bytes


@dataclass(frozen=True, slots=True)
class PayoutsBankHasNotLeft(AbiRevert):
    """Error ``PayoutsBankHasNotLeft``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("7a136673")
    bank: bytes


@dataclass(frozen=True, slots=True)
class PayoutsBankIsPayee(AbiRevert):
    """Error ``PayoutsBankIsPayee``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("35f0dda8")
    bank: bytes


@dataclass(frozen=True, slots=True)
class PayoutsCorrected(AbiRevert):
    """Error ``PayoutsCorrected``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("6a4a60d2")
    line_id: bytes
    current_gross: int


@dataclass(frozen=True, slots=True)
class PayoutsExceedsClaim(AbiRevert):
    """Error ``PayoutsExceedsClaim``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("6c48808a")
    claim_id: bytes
    available: int
    amount: int


@dataclass(frozen=True, slots=True)
class PayoutsNoCode(AbiRevert):
    """Error ``PayoutsNoCode``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("address"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("f7d94e27")
    location: bytes


@dataclass(frozen=True, slots=True)
class PayoutsNoLines(AbiRevert):
    """Error ``PayoutsNoLines``."""

    FIELDS: ClassVar[tuple[Field, ...]] = ()
    SELECTOR: ClassVar[bytes] = bytes.fromhex("731b85a1")


@dataclass(frozen=True, slots=True)
class PayoutsNotCollected(AbiRevert):
    """Error ``PayoutsNotCollected``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("79a8986c")
    line_id: bytes


@dataclass(frozen=True, slots=True)
class PayoutsNotConcerned(AbiRevert):
    """Error ``PayoutsNotConcerned``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("a7e7e227")
    body: bytes


@dataclass(frozen=True, slots=True)
class PayoutsNotCredited(AbiRevert):
    """Error ``PayoutsNotCredited``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("252578ed")
    line_id: bytes


@dataclass(frozen=True, slots=True)
class PayoutsNotFinal(AbiRevert):
    """Error ``PayoutsNotFinal``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("8114229a")
    line_id: bytes


@dataclass(frozen=True, slots=True)
class PayoutsWrongAccount(AbiRevert):
    """Error ``PayoutsWrongAccount``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("3078c5fb")
    expected: bytes
    account_id: bytes


@dataclass(frozen=True, slots=True)
class PayoutsWrongOrder(AbiRevert):
    """Error ``PayoutsWrongOrder``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint256"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("3f8ad132")
    line_id: bytes
    place: int
    gross: int


@dataclass(frozen=True, slots=True)
class PayoutsWrongPlace(AbiRevert):
    """Error ``PayoutsWrongPlace``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("bfe5bffd")
    line_id: bytes
    place: int


@dataclass(frozen=True, slots=True)
class PayoutsWrongReissue(AbiRevert):
    """Error ``PayoutsWrongReissue``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("9ef75a58")
    payout_id: bytes


@dataclass(frozen=True, slots=True)
class PayoutsWrongRewards(AbiRevert):
    """Error ``PayoutsWrongRewards``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("ada81257")
    claim_id: bytes
    total: int


class PayoutStatus(IntEnum):
    """Enum ``PayoutStatus``."""

    UNKNOWN = 0
    INSTRUCTED = 1
    CONFIRMED = 2
    REJECTED = 3
    RETURNED = 4
    REISSUED = 5


@dataclass(frozen=True, slots=True)
class PayoutsWrongStatus(AbiRevert):
    """Error ``PayoutsWrongStatus``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", PayoutStatus),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("9e347646")
    payout_id: bytes
    status: PayoutStatus


@dataclass(frozen=True, slots=True)
class PayoutsZeroId(AbiRevert):
    """Error ``PayoutsZeroId``."""

    FIELDS: ClassVar[tuple[Field, ...]] = ()
    SELECTOR: ClassVar[bytes] = bytes.fromhex("68deef56")


@dataclass(frozen=True, slots=True)
class Claim(AbiStruct):
    """Struct ``Claim``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint64"),
        Field("uint64"),
        Field("uint64"),
        Field("uint64"),
    )
    finalized: int
    paid: int
    pending: int
    held: int


@dataclass(frozen=True, slots=True)
class ClaimCredited(AbiEvent):
    """Event ``ClaimCredited``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("int64"),
        Field("(uint64,uint64,uint64,uint64)", Claim),
        Field("uint64"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("65278efe97d20337b1c8b9f5c50f83f603c213e4f71aafef28f7429995756ed6")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
        False,
        False,
    )
    claim_id: bytes
    line_id: bytes
    payee: bytes
    amount: int
    claim: Claim
    owed: int


@dataclass(frozen=True, slots=True)
class ClaimSetOff(AbiEvent):
    """Event ``ClaimSetOff``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
        Field("(uint64,uint64,uint64,uint64)", Claim),
        Field("uint64"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("72e01f3c23eda3996f94bcd76c134d8f39adb10a9ec5e7f026a6f57ae6675f15")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        False,
        False,
        False,
    )
    claim_id: bytes
    payee: bytes
    amount: int
    claim: Claim
    owed: int


@dataclass(frozen=True, slots=True)
class HoldChanged(AbiEvent):
    """Event ``HoldChanged``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("613abe0019a3bc33a5084ccee4dfec957157dcf3e53a0f3e9abc12900fd48d1a")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        False,
    )
    claim_id: bytes
    line_id: bytes
    held: int


@dataclass(frozen=True, slots=True)
class LineCollected(AbiEvent):
    """Event ``LineCollected``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("c5076da0b0bcc31c88e580d61f640b182c72f84bc3bee7eaeb9d328cea78ba57")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        False,
    )
    line_id: bytes
    bank: bytes
    statement_digest: bytes


@dataclass(frozen=True, slots=True)
class PayeeAccountCancelled(AbiEvent):
    """Event ``PayeeAccountCancelled``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("7d33f6536b0944344e68b14eef1b9510d5e5b8974419c37054b32da6a3cdd51a")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
    )
    payee: bytes
    version: int


@dataclass(frozen=True, slots=True)
class PayeeAccountSigned(AbiEvent):
    """Event ``PayeeAccountSigned``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint48"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("57b676c916c4f17e4b78cda54c778df2d5cb178b996eab30adca9d2bb2d97fd8")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
        False,
    )
    payee: bytes
    version: int
    account_id: bytes
    account_digest: bytes
    valid_from: int


@dataclass(frozen=True, slots=True)
class Instruction(AbiStruct):
    """Struct ``Instruction``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("bytes32"),
        Field("bytes3"),
        Field("uint64"),
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
    )
    payout_id: bytes
    table_id: int
    payee: bytes
    currency: bytes
    amount: int
    account_id: bytes
    bank: bytes
    instruction_digest: bytes
    reissues: bytes


@dataclass(frozen=True, slots=True)
class PayoutInstructed(AbiEvent):
    """Event ``PayoutInstructed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("(bytes32,uint32,bytes32,bytes3,uint64,bytes32,bytes32,bytes32,bytes32)", Instruction),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("5834a90dfc36f3d36a3a102845597097f327f44b31b7a70bbc52aa4e9d6f02a3")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
    )
    payout_id: bytes
    claim_id: bytes
    by: bytes
    instruction: Instruction


@dataclass(frozen=True, slots=True)
class PayoutReported(AbiEvent):
    """Event ``PayoutReported``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", PayoutStatus),
        Field("bytes32"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("895be944ba9bc42bdf9c25cbda7fafa9ca1a5e09e764a1dc0886f5b6f287a538")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
        True,
        False,
    )
    payout_id: bytes
    status: PayoutStatus
    by: bytes
    statement_digest: bytes


@dataclass(frozen=True, slots=True)
class Rewards(AbiStruct):
    """Struct ``Rewards``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("bytes32"),
        Field("bytes3"),
        Field("bytes32"),
        Field("uint64"),
        Field("uint32"),
    )
    table_id: int
    payee: bytes
    currency: bytes
    reward_root: bytes
    total: int
    count: int


@dataclass(frozen=True, slots=True)
class RewardsFixed(AbiEvent):
    """Event ``RewardsFixed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("(uint32,bytes32,bytes3,bytes32,uint64,uint32)", Rewards),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("a4afd96fb346edbc0db834d57d293a3a7947ecdade725790abdc22302aae9506")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
    )
    claim_id: bytes
    rewards: Rewards


@dataclass(frozen=True, slots=True)
class Payout(AbiStruct):
    """Struct ``Payout``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint8", PayoutStatus),
        Field("uint64"),
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
    )
    status: PayoutStatus
    amount: int
    claim_id: bytes
    payee: bytes
    bank: bytes


def encode_account_at(*, payee: bytes, time: int) -> bytes:
    """Call data of ``accountAt``."""
    return encode_call(
        bytes.fromhex("7d80199f"),
        (
            Field("bytes32"),
            Field("uint256"),
        ),
        (
            payee,
            time,
        ),
    )


def decode_account_at(answer: bytes) -> tuple[bytes, int]:
    """What ``accountAt`` answers: account_id, version."""
    result: tuple[bytes, int] = decode_answer(
        (
            Field("bytes32"),
            Field("uint32"),
        ),
        answer,
    )
    return result


def encode_account_version(*, payee: bytes, version: int) -> bytes:
    """Call data of ``accountVersion``."""
    return encode_call(
        bytes.fromhex("0b0ca8e0"),
        (
            Field("bytes32"),
            Field("uint32"),
        ),
        (
            payee,
            version,
        ),
    )


def decode_account_version(answer: bytes) -> AccountVersion:
    """What ``accountVersion`` answers."""
    result: AccountVersion = decode_answer((Field("(bytes32,uint48,bool,uint32)", AccountVersion),), answer)[0]
    return result


def encode_account_versions(*, payee: bytes) -> bytes:
    """Call data of ``accountVersions``."""
    return encode_call(bytes.fromhex("2e4809ea"), (Field("bytes32"),), (payee,))


def decode_account_versions(answer: bytes) -> int:
    """What ``accountVersions`` answers."""
    result: int = decode_answer((Field("uint32"),), answer)[0]
    return result


def encode_cancel_account(*, payee: bytes, version: int, purpose: int, signature: PartySignature) -> bytes:
    """Call data of ``cancelAccount``."""
    return encode_call(
        bytes.fromhex("6cd4aaaf"),
        (
            Field("bytes32"),
            Field("uint32"),
            Field("uint8"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            payee,
            version,
            purpose,
            signature,
        ),
    )


def encode_claim_id_of(*, table_id: int, payee: bytes, currency: bytes) -> bytes:
    """Call data of ``claimIdOf``."""
    return encode_call(
        bytes.fromhex("233a8149"),
        (
            Field("uint32"),
            Field("bytes32"),
            Field("bytes3"),
        ),
        (
            table_id,
            payee,
            currency,
        ),
    )


def decode_claim_id_of(answer: bytes) -> bytes:
    """What ``claimIdOf`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_claim_of(*, claim_id: bytes) -> bytes:
    """Call data of ``claimOf``."""
    return encode_call(bytes.fromhex("903fafea"), (Field("bytes32"),), (claim_id,))


def decode_claim_of(answer: bytes) -> Claim:
    """What ``claimOf`` answers."""
    result: Claim = decode_answer((Field("(uint64,uint64,uint64,uint64)", Claim),), answer)[0]
    return result


def encode_cooling_period() -> bytes:
    """Call data of ``coolingPeriod``."""
    return encode_call(bytes.fromhex("9328beee"), (), ())


def decode_cooling_period(answer: bytes) -> int:
    """What ``coolingPeriod`` answers."""
    result: int = decode_answer((Field("uint32"),), answer)[0]
    return result


def encode_credit(*, proofs: tuple[LineProof, ...]) -> bytes:
    """Call data of ``credit``."""
    return encode_call(
        bytes.fromhex("ee48a456"),
        (
            Field(
                "(((bytes32,uint8,uint32,bytes3,uint16),uint32,uint16,uint8,bytes32,uint16,uint64,bytes32,uint64),bytes32[])[]",
                LineProof,
            ),
        ),
        (proofs,),
    )


def encode_domain_separator() -> bytes:
    """Call data of ``domainSeparator``."""
    return encode_call(bytes.fromhex("f698da25"), (), ())


def decode_domain_separator(answer: bytes) -> bytes:
    """What ``domainSeparator`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_fix_rewards(*, rewards: Rewards, payee: PartySignature, auditor: PartySignature) -> bytes:
    """Call data of ``fixRewards``."""
    return encode_call(
        bytes.fromhex("423bdefa"),
        (
            Field("(uint32,bytes32,bytes3,bytes32,uint64,uint32)", Rewards),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            rewards,
            payee,
            auditor,
        ),
    )


def encode_held_of(*, line_id: bytes, payee: bytes) -> bytes:
    """Call data of ``heldOf``."""
    return encode_call(
        bytes.fromhex("1f922dbf"),
        (
            Field("bytes32"),
            Field("bytes32"),
        ),
        (
            line_id,
            payee,
        ),
    )


def decode_held_of(answer: bytes) -> int:
    """What ``heldOf`` answers."""
    result: int = decode_answer((Field("uint64"),), answer)[0]
    return result


def encode_instruct(*, instruction: Instruction, platform: PartySignature) -> bytes:
    """Call data of ``instruct``."""
    return encode_call(
        bytes.fromhex("fb32ddc9"),
        (
            Field("(bytes32,uint32,bytes32,bytes3,uint64,bytes32,bytes32,bytes32,bytes32)", Instruction),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            instruction,
            platform,
        ),
    )


def encode_line_state(*, line_id: bytes) -> bytes:
    """Call data of ``lineState``."""
    return encode_call(bytes.fromhex("d71ecb92"), (Field("bytes32"),), (line_id,))


def decode_line_state(answer: bytes) -> tuple[bool, bool, int]:
    """What ``lineState`` answers: is_collected, is_credited, gross."""
    result: tuple[bool, bool, int] = decode_answer(
        (
            Field("bool"),
            Field("bool"),
            Field("uint64"),
        ),
        answer,
    )
    return result


def encode_owed_by(*, payee: bytes, currency: bytes) -> bytes:
    """Call data of ``owedBy``."""
    return encode_call(
        bytes.fromhex("8479f750"),
        (
            Field("bytes32"),
            Field("bytes3"),
        ),
        (
            payee,
            currency,
        ),
    )


def decode_owed_by(answer: bytes) -> int:
    """What ``owedBy`` answers."""
    result: int = decode_answer((Field("uint64"),), answer)[0]
    return result


def encode_participants() -> bytes:
    """Call data of ``participants``."""
    return encode_call(bytes.fromhex("6c4470fb"), (), ())


def decode_participants(answer: bytes) -> bytes:
    """What ``participants`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_payout_of(*, payout_id: bytes) -> bytes:
    """Call data of ``payoutOf``."""
    return encode_call(bytes.fromhex("c2a2fde2"), (Field("bytes32"),), (payout_id,))


def decode_payout_of(answer: bytes) -> Payout:
    """What ``payoutOf`` answers."""
    result: Payout = decode_answer((Field("(uint8,uint64,bytes32,bytes32,bytes32)", Payout),), answer)[0]
    return result


def encode_record_collection(*, line_id: bytes, statement_digest: bytes, bank: PartySignature) -> bytes:
    """Call data of ``recordCollection``."""
    return encode_call(
        bytes.fromhex("d04f0729"),
        (
            Field("bytes32"),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            line_id,
            statement_digest,
            bank,
        ),
    )


def encode_report(
    *, payout_id: bytes, status: PayoutStatus, statement_digest: bytes, reporter: PartySignature
) -> bytes:
    """Call data of ``report``."""
    return encode_call(
        bytes.fromhex("2d3d9939"),
        (
            Field("bytes32"),
            Field("uint8", PayoutStatus),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            payout_id,
            status,
            statement_digest,
            reporter,
        ),
    )


def encode_set_off(*, table_id: int, payee: bytes, currency: bytes) -> bytes:
    """Call data of ``setOff``."""
    return encode_call(
        bytes.fromhex("20e82975"),
        (
            Field("uint32"),
            Field("bytes32"),
            Field("bytes3"),
        ),
        (
            table_id,
            payee,
            currency,
        ),
    )


def encode_sign_account(
    *, payee: bytes, version: int, account_digest: bytes, signatures: tuple[PartySignature, ...]
) -> bytes:
    """Call data of ``signAccount``."""
    return encode_call(
        bytes.fromhex("1ebba28a"),
        (
            Field("bytes32"),
            Field("uint32"),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)[]", PartySignature),
        ),
        (
            payee,
            version,
            account_digest,
            signatures,
        ),
    )


def decode_sign_account(answer: bytes) -> bytes:
    """What ``signAccount`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_update_hold(*, proof: LineProof, place: int) -> bytes:
    """Call data of ``updateHold``."""
    return encode_call(
        bytes.fromhex("f277499c"),
        (
            Field(
                "(((bytes32,uint8,uint32,bytes3,uint16),uint32,uint16,uint8,bytes32,uint16,uint64,bytes32,uint64),bytes32[])",
                LineProof,
            ),
            Field("uint256"),
        ),
        (
            proof,
            place,
        ),
    )


EVENTS: Final[tuple[type[AbiEvent], ...]] = (
    ClaimCredited,
    ClaimSetOff,
    HoldChanged,
    LineCollected,
    PartySigned,
    PayeeAccountCancelled,
    PayeeAccountSigned,
    PayoutInstructed,
    PayoutReported,
    RewardsFixed,
)
ERRORS: Final[tuple[type[AbiRevert], ...]] = (
    PartyActExpired,
    PartyActWrongSigner,
    PayeeAccountsCooling,
    PayeeAccountsNone,
    PayeeAccountsNothingToCancel,
    PayeeAccountsSignatureCount,
    PayeeAccountsWrongPurpose,
    PayeeAccountsWrongVersion,
    PayeeAccountsZeroDigest,
    PayoutsAlreadyCollected,
    PayoutsAlreadyCredited,
    PayoutsAlreadyInstructed,
    PayoutsBankHasNotLeft,
    PayoutsBankIsPayee,
    PayoutsCorrected,
    PayoutsExceedsClaim,
    PayoutsNoCode,
    PayoutsNoLines,
    PayoutsNotCollected,
    PayoutsNotConcerned,
    PayoutsNotCredited,
    PayoutsNotFinal,
    PayoutsWrongAccount,
    PayoutsWrongOrder,
    PayoutsWrongPlace,
    PayoutsWrongReissue,
    PayoutsWrongRewards,
    PayoutsWrongStatus,
    PayoutsZeroId,
    AgreementTermsMismatch,
    LargestRemainderLengthMismatch,
    LargestRemainderRecipientCount,
    LargestRemainderTotalWeight,
    PackedAmountsTooLarge,
    SplitVectorNotAscending,
    SplitVectorPartWeightSum,
    SplitVectorShareCount,
    SplitVectorShareOutOfBounds,
    SplitVectorShareSum,
)
