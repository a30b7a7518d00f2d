// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {BodyId, ClaimId, Currency, LineId, PayeeAccountId, PayoutId, TableId} from "../types/Ids.sol";
import {LineProof} from "../types/Lines.sol";
import {PartySignature} from "../types/Parties.sol";
import {IPartyActs} from "./IPartyActs.sol";
import {IPayeeAccounts} from "./IPayeeAccounts.sol";

/// @title Payouts: what final lines let each payee receive, and what became of the money
/// @notice Holds no money. Final lines are credited to claims (payee, table, currency); a platform instructs payouts
/// out of a claim to the account that was bound when the table was proposed; the payee or the bank, never a platform or
/// the operator, reports what became of it. At every moment paid + pending + held <= finalized. A negative correction
/// lowers what is still unpaid; the rest is owed and taken off later credits, and off every claim before it is paid
/// out. What a final correction takes back is not credited to begin with.
/// Domain name: "CityLedger Payouts".
interface IPayouts is IPartyActs, IPayeeAccounts {
    /// @notice Life of a payout. UNKNOWN -> INSTRUCTED -> CONFIRMED | REJECTED; CONFIRMED -> RETURNED;
    /// REJECTED, RETURNED -> REISSUED (once others that name it replace all of it). Numbers never change.
    enum PayoutStatus {
        UNKNOWN,
        INSTRUCTED,
        CONFIRMED,
        REJECTED,
        RETURNED,
        REISSUED
    }

    /// @notice What one payee may receive of one table in one currency, in minor units. One storage slot.
    /// @param finalized Credited by final lines, less what was set off.
    /// @param paid Confirmed and not returned.
    /// @param pending Instructed and not reported.
    /// @param held Kept back by disputes.
    struct Claim {
        uint64 finalized;
        uint64 paid;
        uint64 pending;
        uint64 held;
    }

    /// @notice A payout as it is instructed. EIP-712 `PayoutInstruction(bytes32 payoutId,uint32 tableId,bytes32 payee,
    /// bytes3 currency,uint64 amount,bytes32 accountId,bytes32 bank,bytes32 instructionDigest,bytes32 reissues,` tail.
    /// @param payoutId The platform's own key; used once, never zero.
    /// @param tableId The table.
    /// @param payee The payee.
    /// @param currency The currency.
    /// @param amount The amount, in minor units.
    /// @param accountId Account it goes to: the one bound by the table; for a reissue the one that holds now.
    /// @param bank Bank that carries it out (role BANK).
    /// @param instructionDigest Digest of the payment message.
    /// @param reissues Rejected or returned payout that it replaces, of the same claim, with at least this amount
    /// left to issue again; zero for none.
    struct Instruction {
        PayoutId payoutId;
        TableId tableId;
        BodyId payee;
        Currency currency;
        uint64 amount;
        PayeeAccountId accountId;
        BodyId bank;
        bytes32 instructionDigest;
        PayoutId reissues;
    }

    /// @notice A payout on record.
    /// @param status Where it stands.
    /// @param amount Its amount, in minor units; once it came back, what of it was not issued again.
    /// @param claimId Its claim.
    /// @param payee The payee.
    /// @param bank The bank.
    struct Payout {
        PayoutStatus status;
        uint64 amount;
        ClaimId claimId;
        BodyId payee;
        BodyId bank;
    }

    /// @notice Rewards of data subjects, paid by one body out of its claim: one root, never a person. EIP-712
    /// `RewardRoot(uint32 tableId,bytes32 payee,bytes3 currency,bytes32 rewardRoot,uint64 total,uint32 count,` tail.
    /// @param tableId The table.
    /// @param payee The body that pays the rewards.
    /// @param currency The currency.
    /// @param rewardRoot RFC 9162 root over the salted rewards.
    /// @param total Their sum, in minor units; at most the claim's finalized amount.
    /// @param count Their number.
    struct Rewards {
        TableId tableId;
        BodyId payee;
        Currency currency;
        bytes32 rewardRoot;
        uint64 total;
        uint32 count;
    }

    /// @notice The bank says that the money of a line was collected.
    /// @param lineId The line.
    /// @param bank The bank.
    /// @param statementDigest Digest of the bank statement.
    event LineCollected(LineId indexed lineId, BodyId indexed bank, bytes32 statementDigest);
    /// @notice A final line's amount was credited to, or taken off, a claim.
    /// @param claimId The claim.
    /// @param lineId The line.
    /// @param payee The payee.
    /// @param amount The line's amount, in minor units.
    /// @param claim The claim afterwards.
    /// @param owed What the payee owes in this currency afterwards, in minor units.
    event ClaimCredited(
        ClaimId indexed claimId,
        LineId indexed lineId,
        BodyId indexed payee,
        int64 amount,
        Claim claim,
        uint64 owed
    );
    /// @notice What a payee owes was taken off a claim.
    /// @param claimId The claim.
    /// @param payee The payee.
    /// @param amount What was taken off, in minor units.
    /// @param claim The claim afterwards, before any payout.
    /// @param owed What the payee owes in this currency afterwards, in minor units.
    event ClaimSetOff(ClaimId indexed claimId, BodyId indexed payee, uint64 amount, Claim claim, uint64 owed);
    /// @notice What disputes keep back of a claim changed.
    /// @param claimId The claim.
    /// @param lineId The line in dispute.
    /// @param held What is kept back of this line's amount now, in minor units.
    event HoldChanged(ClaimId indexed claimId, LineId indexed lineId, uint64 held);
    /// @notice A payout was instructed.
    /// @param payoutId The payout.
    /// @param claimId Its claim.
    /// @param by The platform.
    /// @param instruction What it signed.
    event PayoutInstructed(
        PayoutId indexed payoutId,
        ClaimId indexed claimId,
        BodyId indexed by,
        Instruction instruction
    );
    /// @notice Payee or bank reported what became of a payout, or all of it was replaced.
    /// @param payoutId The payout.
    /// @param status What became of it.
    /// @param by Who reported it; the platform when it was replaced.
    /// @param statementDigest Digest of the bank statement or the payee's receipt; zero when it was replaced.
    event PayoutReported(PayoutId indexed payoutId, PayoutStatus status, BodyId indexed by, bytes32 statementDigest);
    /// @notice Rewards were fixed.
    /// @param claimId The claim they are paid from.
    /// @param rewards The rewards.
    event RewardsFixed(ClaimId indexed claimId, Rewards rewards);

    /// @notice There is no contract where another contract of the suite is expected.
    /// @param location The address.
    error PayoutsNoCode(address location);
    /// @notice The line is not final in this version.
    /// @param lineId The line.
    error PayoutsNotFinal(LineId lineId);
    /// @notice The line was not credited, so nothing of it can be held or taken back.
    /// @param lineId The line.
    error PayoutsNotCredited(LineId lineId);
    /// @notice The line was credited before.
    /// @param lineId The line.
    error PayoutsAlreadyCredited(LineId lineId);
    /// @notice There is nothing to credit.
    error PayoutsNoLines();
    /// @notice The lines are not one line and its corrections, each going on where the one before ended.
    /// @param lineId The line that is corrected, or that they begin with.
    /// @param place Place of the first one that does not fit.
    /// @param gross Gross that it must start from, in minor units; the line itself starts from zero.
    error PayoutsWrongOrder(LineId lineId, uint256 place, uint64 gross);
    /// @notice Final corrections leave less of the line: they must be credited together with what they take back.
    /// @param lineId The line that is corrected.
    /// @param currentGross Its gross by all of its final corrections, in minor units.
    error PayoutsCorrected(LineId lineId, uint64 currentGross);
    /// @notice The agreement pays when money is collected, and no bank has said so.
    /// @param lineId The line.
    error PayoutsNotCollected(LineId lineId);
    /// @notice A bank has said so before.
    /// @param lineId The line.
    error PayoutsAlreadyCollected(LineId lineId);
    /// @notice More than the claim has left, or nothing.
    /// @param claimId The claim.
    /// @param available What is left, in minor units.
    /// @param amount What was asked for.
    error PayoutsExceedsClaim(ClaimId claimId, uint64 available, uint64 amount);
    /// @notice The account is not the one that the table bound, or holds now for a reissue.
    /// @param expected The account that must be it.
    /// @param accountId The account that was named.
    error PayoutsWrongAccount(PayeeAccountId expected, PayeeAccountId accountId);
    /// @notice A payout has an id that is not zero: zero means that nothing is replaced.
    error PayoutsZeroId();
    /// @notice The payout was instructed before.
    /// @param payoutId The payout.
    error PayoutsAlreadyInstructed(PayoutId payoutId);
    /// @notice The payout's state does not allow this.
    /// @param payoutId The payout.
    /// @param status Where it stands.
    error PayoutsWrongStatus(PayoutId payoutId, PayoutStatus status);
    /// @notice The reissue is of another claim than what it replaces, or of more
    /// than is left of that.
    /// @param payoutId The payout that is replaced.
    error PayoutsWrongReissue(PayoutId payoutId);
    /// @notice No bank carries out a payout to itself: it could make it due again after it had the money.
    /// @param bank The bank.
    error PayoutsBankIsPayee(BodyId bank);
    /// @notice Only the payout's bank reports on it; the payee too, that the money came, unless it is a platform or the
    /// operator.
    /// @param body The body that signed.
    error PayoutsNotConcerned(BodyId body);
    /// @notice An auditor speaks for a bank only when the bank has left.
    /// @param bank The payout's bank, which has not.
    error PayoutsBankHasNotLeft(BodyId bank);
    /// @notice There is no recipient at this place.
    /// @param lineId The line.
    /// @param place The place.
    error PayoutsWrongPlace(LineId lineId, uint256 place);
    /// @notice Rewards of this claim were fixed before, or sum to more than it has, or are none.
    /// @param claimId The claim.
    /// @param total Their sum, in minor units.
    error PayoutsWrongRewards(ClaimId claimId, uint64 total);

    /// @notice Records that a line's money was collected. Bank (role BANK), purpose FINANCE.
    /// @dev `Collection(bytes32 lineId,bytes32 statementDigest,` tail. Emits {LineCollected}.
    /// @param lineId The line.
    /// @param statementDigest Digest of the bank statement.
    /// @param bank The bank's signature.
    function recordCollection(LineId lineId, bytes32 statementDigest, PartySignature calldata bank) external;

    /// @notice Credits a final line and final corrections of it to the claims of their recipients, each once. Anyone.
    /// @dev One line, corrections of it in their order, or both: corrections alone go on where the last credit of their
    /// line ended. Together they must reach no more than the line's gross by all of its final corrections, so that
    /// nobody is paid what is known to be taken back. Where money counts when it is collected, each line that adds
    /// something must be collected, as far as no later one among them takes it back. What disputes freeze is held at
    /// once. Emits {ClaimCredited} for each line and recipient with an amount, and before it {HoldChanged} where
    /// something is held. What a correction takes back is held no more of the line that it corrects, but for what
    /// disputes still freeze of what is left of it, and pays what the payee owes: then {HoldChanged} and {ClaimSetOff}
    /// of that line's claim follow.
    /// @param proofs The lines as they were booked.
    function credit(LineProof[] calldata proofs) external;

    /// @notice Makes what is held of a recipient's amount in a credited line follow the open dispute, up or down.
    /// Anyone.
    /// @dev Holds what disputes freeze whose ruling was not credited yet, at most the recipient's part of what credited
    /// corrections leave of the line's gross, and never what is paid or pending. Emits {HoldChanged} when something
    /// changes.
    /// @param proof The line as it was booked.
    /// @param place Place of the recipient.
    function updateHold(LineProof calldata proof, uint256 place) external;

    /// @notice Takes what a payee owes off one of its claims, as far as the claim has it. Anyone. A payout does the
    /// same for its own claim; a payee that owes more than any of them has is paid after this was called for others.
    /// @dev Emits {ClaimSetOff} when something is taken off.
    /// @param tableId The claim's table.
    /// @param payee The payee.
    /// @param currency The currency.
    function setOff(TableId tableId, BodyId payee, Currency currency) external;

    /// @notice Instructs a payout. A platform (either role), purpose BUSINESS. Can only send the payee's own money to
    /// the payee's own account.
    /// @dev What the payee owes in this currency comes off the claim first. Emits {ClaimSetOff} when something does,
    /// and {PayoutReported} for what it replaces when nothing of that is left; then {PayoutInstructed}.
    /// @param instruction The instruction.
    /// @param platform The platform's signature.
    function instruct(Instruction calldata instruction, PartySignature calldata platform) external;

    /// @notice Reports what became of a payout: CONFIRMED, REJECTED, or RETURNED after it was confirmed. The payout's
    /// bank, purpose FINANCE; or the payee, purpose FINANCE and also while suspended, that it was CONFIRMED, unless it
    /// is a platform or the operator; or, once the bank has left, an auditor that is not the payee, purpose BUSINESS,
    /// that it was REJECTED or RETURNED, or, where the payee has left or may not say it, CONFIRMED.
    /// @dev `PayoutReport(bytes32 payoutId,uint8 status,bytes32 statementDigest,` tail. Emits {PayoutReported}.
    /// @param payoutId The payout.
    /// @param status What became of it.
    /// @param statementDigest Digest of the bank statement or the payee's receipt.
    /// @param reporter The payee's, bank's or auditor's signature.
    function report(
        PayoutId payoutId,
        PayoutStatus status,
        bytes32 statementDigest,
        PartySignature calldata reporter
    ) external;

    /// @notice Fixes the rewards of data subjects that a payee pays out of its claim, once. Payee (FINANCE) and auditor
    /// (BUSINESS).
    /// @dev Emits {RewardsFixed}.
    /// @param rewards The rewards.
    /// @param payee `RewardRoot`, signed by the payee.
    /// @param auditor `RewardRoot`, signed by an auditor.
    function fixRewards(
        Rewards calldata rewards,
        PartySignature calldata payee,
        PartySignature calldata auditor
    ) external;

    /// @notice A claim; all zero for an unknown one.
    /// @param claimId The claim.
    /// @return The claim.
    function claimOf(ClaimId claimId) external view returns (Claim memory);

    /// @notice Id of a claim: keccak256(abi.encode(keccak256("cityledger/v1/claim"), table, payee, currency)).
    /// @param tableId The table.
    /// @param payee The payee.
    /// @param currency The currency.
    /// @return The id.
    function claimIdOf(TableId tableId, BodyId payee, Currency currency) external pure returns (ClaimId);

    /// @notice What a payee owes from negative corrections, in minor units.
    /// @param payee The payee.
    /// @param currency The currency.
    /// @return The amount.
    function owedBy(BodyId payee, Currency currency) external view returns (uint64);

    /// @notice A payout on record; all zero for an unknown one.
    /// @param payoutId The payout.
    /// @return The payout.
    function payoutOf(PayoutId payoutId) external view returns (Payout memory);

    /// @notice Whether a line's money was collected, and whether it was credited.
    /// @param lineId The line.
    /// @return isCollected Whether a bank said so.
    /// @return isCredited Whether it was credited.
    /// @return gross What of its gross is credited, after the corrections that are; zero for a correction.
    function lineState(LineId lineId) external view returns (bool isCollected, bool isCredited, uint64 gross);

    /// @notice What is held of a recipient's amount in a line, in minor units.
    /// @param lineId The line.
    /// @param payee The recipient.
    /// @return The amount.
    function heldOf(LineId lineId, BodyId payee) external view returns (uint64);
}
