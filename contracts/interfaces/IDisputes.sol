// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AgreementId, BodyId, DisputeId, LineId, StreamId} from "../types/Ids.sol";
import {PartySignature} from "../types/Parties.sol";
import {ComponentProof, BookingTerms, LineKey} from "../types/Terms.sol";
import {IPartyActs} from "./IPartyActs.sol";

/// @title Disputes: cases, amounts frozen until a review date, rulings
/// @notice A party of an agreement, a recipient of its money, or the regulator opens a case. It may freeze an amount of
/// one line in favour of one recipient until a review date; everything else settles. An arbitrator rules, or the
/// parties settle; units or a corrected gross that a ruling awards are the basis of a later line. A freeze that is not
/// extended ends by itself at its review date. Domain name: "CityLedger Disputes".
interface IDisputes is IPartyActs {
    /// @notice Life of a case. UNKNOWN -> OPEN -> RULED | SETTLED | WITHDRAWN. Numbers never change.
    enum DisputeStatus {
        UNKNOWN,
        OPEN,
        RULED,
        SETTLED,
        WITHDRAWN
    }

    /// @notice What a case is about. Numbers never change.
    enum Subject {
        AGREEMENT,
        STATEMENT,
        LINE
    }

    /// @notice A case as it is opened. EIP-712 `DisputeCase(bytes32 agreementId,uint256 nonce,uint8 subject,
    /// bytes32 streamId,uint64 index,bytes32 lineId,bytes32 frozenPayee,uint64 frozenAmount,uint64 reviewAt,
    /// bytes32 groundsDigest,` and the tail.
    /// @param agreementId The agreement.
    /// @param nonce Number of cases that the opener has opened about the agreement so far.
    /// @param subject What it is about.
    /// @param streamId Stream of the statement it is about; zero otherwise.
    /// @param index Statement it is about; zero otherwise.
    /// @param lineId Line it is about or freezes an amount of; zero for none.
    /// @param frozenPayee Recipient whose amount is frozen; zero for none.
    /// @param frozenAmount What is frozen, in minor units of the line; zero for nothing.
    /// @param reviewAt When the freeze ends unless it is extended, Unix time.
    /// @param groundsDigest Digest of the grounds.
    struct DisputeCase {
        AgreementId agreementId;
        uint256 nonce;
        Subject subject;
        StreamId streamId;
        uint64 index;
        LineId lineId;
        BodyId frozenPayee;
        uint64 frozenAmount;
        uint64 reviewAt;
        bytes32 groundsDigest;
    }

    /// @notice What proves that a case's line and its people belong to the agreement.
    /// @param line What names the line; ignored when the case names none.
    /// @param bookingTerms The agreement's booking terms; ignored when neither opener nor payee must be proven.
    /// @param component The component with the recipients in question.
    /// @param opener Place of the opener among the recipients when it is neither party nor regulator.
    /// @param payee Place of the frozen payee among the recipients when an amount is frozen.
    struct CaseProof {
        LineKey line;
        BookingTerms bookingTerms;
        ComponentProof component;
        uint256 opener;
        uint256 payee;
    }

    /// @notice A case on record.
    /// @param status Where it stands.
    /// @param agreementId The agreement.
    /// @param opener Who opened it.
    /// @param subject What it is about.
    /// @param streamId Stream of its statement, or zero.
    /// @param index Its statement.
    /// @param lineId Its line, or zero.
    /// @param frozenPayee Recipient whose amount is frozen, or zero.
    /// @param frozenAmount What is frozen, in minor units.
    /// @param reviewAt When the freeze ends, Unix time.
    /// @param extensions Number of extensions so far.
    /// @param rulingDigest Digest of the ruling or settlement.
    /// @param awardedUnits Units awarded of a statement.
    /// @param correctsGross Whether the line's gross is corrected.
    /// @param baseGross From what, in minor units.
    /// @param correctedGross To what, in minor units.
    struct DisputeRecord {
        DisputeStatus status;
        AgreementId agreementId;
        BodyId opener;
        Subject subject;
        StreamId streamId;
        uint64 index;
        LineId lineId;
        BodyId frozenPayee;
        uint64 frozenAmount;
        uint64 reviewAt;
        uint32 extensions;
        bytes32 rulingDigest;
        uint64 awardedUnits;
        bool correctsGross;
        uint64 baseGross;
        uint64 correctedGross;
    }

    /// @notice What a ruling or settlement says.
    /// @param rulingDigest Its digest.
    /// @param awardedUnits Units awarded of a statement.
    /// @param correctsGross Whether the line's gross is corrected.
    /// @param baseGross The gross that it was made over, in minor units; zero when it corrects none.
    /// @param correctedGross What the gross becomes, in minor units; zero when it corrects none.
    struct Decision {
        bytes32 rulingDigest;
        uint64 awardedUnits;
        bool correctsGross;
        uint64 baseGross;
        uint64 correctedGross;
    }

    /// @notice What a line that is charged by a ruling, or corrected by one, needs of a case.
    /// @param status Where it stands; only what is RULED or SETTLED awards anything.
    /// @param agreementId The agreement.
    /// @param lineId Its line, or zero.
    /// @param awardedUnits Units awarded of a statement.
    /// @param correctsGross Whether the line's gross is corrected.
    /// @param baseGross From what, in minor units: it says which way the correction goes.
    /// @param correctedGross To what, in minor units.
    struct Award {
        DisputeStatus status;
        AgreementId agreementId;
        LineId lineId;
        uint64 awardedUnits;
        bool correctsGross;
        uint64 baseGross;
        uint64 correctedGross;
    }

    /// @notice A case was opened.
    /// @param disputeId The case.
    /// @param agreementId The agreement.
    /// @param opener Who opened it.
    /// @param disputeCase What was signed.
    event DisputeOpened(
        DisputeId indexed disputeId,
        AgreementId indexed agreementId,
        BodyId indexed opener,
        DisputeCase disputeCase
    );
    /// @notice A freeze lasts longer.
    /// @param disputeId The case.
    /// @param reviewAt Its new review date, Unix time.
    event FreezeExtended(DisputeId indexed disputeId, uint64 reviewAt);
    /// @notice A case is ruled or settled; its freeze is over, but for one that corrects a gross: that goes on until
    /// its review date, so that the correction finds the money.
    /// @param disputeId The case.
    /// @param status Which of the two.
    /// @param rulingDigest Digest of the ruling or settlement.
    /// @param awardedUnits Units awarded of its statement.
    /// @param correctsGross Whether its line's gross is corrected.
    /// @param baseGross From what, in minor units.
    /// @param correctedGross To what, in minor units.
    event DisputeResolved(
        DisputeId indexed disputeId,
        DisputeStatus status,
        bytes32 rulingDigest,
        uint64 awardedUnits,
        bool correctsGross,
        uint64 baseGross,
        uint64 correctedGross
    );
    /// @notice Its opener withdrew a case; its freeze is over.
    /// @param disputeId The case.
    /// @param reasonDigest Digest of the reason.
    event DisputeWithdrawn(DisputeId indexed disputeId, bytes32 reasonDigest);

    /// @notice A contract that it is to read does not exist.
    /// @param target Its address.
    error DisputesNoCode(address target);
    /// @notice Grounds and rulings have a digest that is not zero.
    error DisputesZeroDigest();
    /// @notice No such case.
    /// @param disputeId The case.
    error DisputesUnknownCase(DisputeId disputeId);
    /// @notice The case's state does not allow this.
    /// @param disputeId The case.
    /// @param status Where it stands.
    error DisputesWrongStatus(DisputeId disputeId, DisputeStatus status);
    /// @notice The signed nonce is not the present number.
    /// @param expected The number.
    /// @param nonce What was signed.
    error DisputesWrongNonce(uint256 expected, uint256 nonce);
    /// @notice The body is neither party, recipient nor regulator of the matter.
    /// @param body The body.
    error DisputesNotConcerned(BodyId body);
    /// @notice Statement, line or payee do not fit the subject or the agreement.
    /// @param agreementId The agreement.
    error DisputesWrongSubject(AgreementId agreementId);
    /// @notice The review date is in the past or further away than the consortium allows.
    /// @param reviewAt The date, Unix time.
    /// @param latest The latest date, Unix time.
    error DisputesWrongReviewDate(uint64 reviewAt, uint256 latest);
    /// @notice One body freezes the amount of one recipient in one line once: a longer freeze is the arbitrator's to
    /// give.
    /// @param lineId The line.
    /// @param payee The recipient.
    error DisputesFrozenAlready(LineId lineId, BodyId payee);
    /// @notice Four other recipients have frozen this amount. Provider, consumer and regulators always can.
    /// @param lineId The line.
    /// @param payee The recipient whose amount it is.
    error DisputesTooManyFreezes(LineId lineId, BodyId payee);
    /// @notice Nobody freezes its own amount.
    /// @param body The body.
    error DisputesOwnAmount(BodyId body);
    /// @notice The freeze of a case that is resolved is extended once.
    /// @param disputeId The case.
    error DisputesExtendedAlready(DisputeId disputeId);
    /// @notice An arbitrator that opened the case, or whose amount it freezes, neither rules it nor extends its freeze.
    /// @param arbitrator The arbitrator.
    error DisputesArbitratorNotIndependent(BodyId arbitrator);
    /// @notice More units than are contested and not awarded yet, or an award that does not fit the subject.
    /// @param awardedUnits Units awarded.
    /// @param contestedUnits Units that could be awarded.
    error DisputesWrongAward(uint64 awardedUnits, uint64 contestedUnits);
    /// @notice A ruling takes one arbitrator; a settlement provider and consumer, and whoever else opened the case.
    /// @param signatures Number of signatures.
    error DisputesResolutionSignatures(uint256 signatures);

    /// @notice Opens a case. A party or recipient (also a suspended one) or the regulator, purpose BUSINESS.
    /// @dev Emits {DisputeOpened}. disputeId = keccak256(abi.encode(keccak256("cityledger/v1/dispute"), agreement,
    /// opener, nonce)): each opener counts for itself, so nobody's cases stand in another's way. An amount may be
    /// frozen by several cases; the greatest freeze that holds counts.
    /// @param disputeCase The case.
    /// @param proof Line, recipients and their places.
    /// @param opener `DisputeCase`, signed by who opens it.
    /// @return disputeId The case.
    function open(
        DisputeCase calldata disputeCase,
        CaseProof calldata proof,
        PartySignature calldata opener
    ) external returns (DisputeId disputeId);

    /// @notice Extends the freeze of a case that is open, or, once, of one whose resolution corrects the gross: the
    /// money stays until the correction is final. Also a freeze that has ended by itself. Arbitrator.
    /// @dev `FreezeExtension(bytes32 disputeId,uint64 reviewAt,uint256 nonce,` tail; the nonce counts extensions.
    /// Emits {FreezeExtended}.
    /// @param disputeId The case.
    /// @param reviewAt New review date, Unix time.
    /// @param nonce Number of extensions so far.
    /// @param arbitrator The arbitrator's signature.
    function extendFreeze(
        DisputeId disputeId,
        uint64 reviewAt,
        uint256 nonce,
        PartySignature calldata arbitrator
    ) external;

    /// @notice Resolves a case: an arbitrator rules, or provider and consumer settle, with the opener when that is
    /// neither of them. What corrects a gross goes on freezing until the review date, which an arbitrator may extend
    /// once more.
    /// @dev `Ruling(bytes32 disputeId,bytes32 rulingDigest,uint64 awardedUnits,bool correctsGross,uint64
    /// baseGross,uint64 correctedGross,` tail, same for all. Emits {DisputeResolved}.
    /// @param disputeId The case.
    /// @param rulingDigest Digest of the ruling or settlement, not zero.
    /// @param unitsAwarded Units awarded; at most the contested ones of the case's statement, less those that other
    /// cases were awarded: no unit is awarded twice.
    /// @param correctsGross Whether the gross of the case's line is corrected.
    /// @param baseGross The gross that the ruling was made over, in minor units; zero when it is not corrected. A line
    /// that the ruling lowers is never raised by it, and the other way round, whatever came between.
    /// @param correctedGross To what, in minor units, another amount than `baseGross`; zero when it is not.
    /// @param signers One arbitrator; or provider and consumer, and third the opener when it is neither.
    function resolve(
        DisputeId disputeId,
        bytes32 rulingDigest,
        uint64 unitsAwarded,
        bool correctsGross,
        uint64 baseGross,
        uint64 correctedGross,
        PartySignature[] calldata signers
    ) external;

    /// @notice Withdraws a case. Its opener, not while it is suspended: withdrawing gives a right up.
    /// @dev `DisputeWithdrawal(bytes32 disputeId,bytes32 reasonDigest,` tail. Emits {DisputeWithdrawn}.
    /// @param disputeId The case.
    /// @param reasonDigest Digest of the reason.
    /// @param opener The opener's signature.
    function withdraw(DisputeId disputeId, bytes32 reasonDigest, PartySignature calldata opener) external;

    /// @notice A case on record; all zero for an unknown one.
    /// @param disputeId The case.
    /// @return The record.
    function disputeOf(DisputeId disputeId) external view returns (DisputeRecord memory);

    /// @notice What a case awards, in half the storage slots of the whole record; all zero for an unknown one.
    /// @param disputeId The case.
    /// @return The award.
    function awardOf(DisputeId disputeId) external view returns (Award memory);

    /// @notice Number of cases that a body has opened about an agreement: the nonce of its next one.
    /// @param agreementId The agreement.
    /// @param opener The body.
    /// @return The number.
    function caseCount(AgreementId agreementId, BodyId opener) external view returns (uint256);

    /// @notice What is frozen now of a recipient's amount in a line, in minor units: the greatest of all freezes that
    /// hold.
    /// @param lineId The line.
    /// @param payee The recipient.
    /// @return The amount; zero once no case that freezes it is open and before its review date. A case whose
    /// resolution corrects the gross freezes until its review date.
    function frozenAmount(LineId lineId, BodyId payee) external view returns (uint64);

    /// @notice Every case that froze a recipient's amount in a line, and what it freezes now. At most two by the
    /// parties of the agreement, four by recipients, and one by each regulator.
    /// @param lineId The line.
    /// @param payee The recipient.
    /// @return disputeIds The cases, in the order in which they were opened.
    /// @return amounts What each freezes now, in minor units; zero when its freeze is over.
    function freezesOf(
        LineId lineId,
        BodyId payee
    ) external view returns (DisputeId[] memory disputeIds, uint64[] memory amounts);

    /// @notice Units of a statement that rulings and settlements have awarded so far.
    /// @param streamId The stream.
    /// @param index The statement.
    /// @return The units.
    function awardedUnits(StreamId streamId, uint64 index) external view returns (uint64);

    /// @notice Longest time from an act to the review date that it may set. Fixed at deployment.
    /// @return Seconds.
    function maxFreezeSeconds() external view returns (uint64);

    /// @notice The registry of agreements. Fixed at deployment.
    /// @return The address of the `DigitalContractRegistry`.
    function agreements() external view returns (address);

    /// @notice The delivery receipts. Fixed at deployment.
    /// @return The address of `DeliveryReceipts`.
    function receipts() external view returns (address);
}
