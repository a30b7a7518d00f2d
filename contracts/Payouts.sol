// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {PartyActs} from "./access/PartyActs.sol";
import {IDisputes} from "./interfaces/IDisputes.sol";
import {IDistributionTables} from "./interfaces/IDistributionTables.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IPayouts} from "./interfaces/IPayouts.sol";
import {IRevenueSettlement} from "./interfaces/IRevenueSettlement.sol";
import {ClaimAmounts} from "./libraries/ClaimAmounts.sol";
import {PayoutTypedData} from "./libraries/PayoutTypedData.sol";
import {AccountBook} from "./settlement/AccountBook.sol";
import {ClaimBook} from "./settlement/ClaimBook.sol";
import {BodyRoles} from "./types/BodyRoles.sol";
import {BodyId, ClaimId, PayeeAccountId, PayoutId, TableVersion} from "./types/Ids.sol";
import {KeyPurposes} from "./types/KeyPurposes.sol";
import {PartySignature} from "./types/Parties.sol";

/// @title Payouts
/// @notice See {IPayouts}. Counts what is due and what was paid; holds no money, has no owner and no setter. Here is
/// what happens to the money of a claim; how it comes into the claim is in {ClaimBook}.
contract Payouts is IPayouts, ClaimBook, AccountBook {
    using ClaimAmounts for Claim;

    /// @dev The version whose proposal binds the accounts of a table.
    TableVersion private constant _FIRST_VERSION = TableVersion.wrap(1);

    mapping(PayoutId payoutId => Payout payout) private _payouts;
    mapping(ClaimId claimId => bool isFixed) private _rewarded;

    /// @notice Fixes the contracts that are asked, and the cooling period of accounts.
    /// @param participants_ The `ParticipantRegistry`.
    /// @param book_ The `RevenueSettlement`.
    /// @param tables_ The `DistributionTables`.
    /// @param disputes_ The `Disputes`.
    /// @param coolingSeconds How long a change of account cools, in seconds.
    constructor(
        IParticipantRegistry participants_,
        IRevenueSettlement book_,
        IDistributionTables tables_,
        IDisputes disputes_,
        uint32 coolingSeconds
    ) PartyActs(participants_, "CityLedger Payouts") ClaimBook(book_, tables_, disputes_) AccountBook(coolingSeconds) {
        _requireCode(address(participants_));
    }

    /// @inheritdoc IPayouts
    function instruct(Instruction calldata instruction, PartySignature calldata platform) external {
        PayoutId payoutId = instruction.payoutId;
        if (PayoutId.unwrap(payoutId) == 0) {
            revert PayoutsZeroId();
        }
        if (_payouts[payoutId].status != PayoutStatus.UNKNOWN) {
            revert PayoutsAlreadyInstructed(payoutId);
        }
        ClaimId claimId = _claimId(instruction.tableId, instruction.payee, instruction.currency);
        bool isReissue = PayoutId.unwrap(instruction.reissues) != 0;
        if (isReissue) {
            _requireReissue(instruction, claimId);
        }
        Claim memory claim = _claims[claimId];
        _setOff(claimId, claim, instruction.payee, instruction.currency);
        uint64 available = claim.available();
        if (instruction.amount == 0 || instruction.amount > available) {
            revert PayoutsExceedsClaim(claimId, available, instruction.amount);
        }
        _requireAccount(instruction, isReissue);
        _requireBank(instruction.bank, instruction.payee);
        bytes memory head = PayoutTypedData.headOfInstruction(instruction);
        _requireSigned(head, platform, BodyRoles.PLATFORMS, KeyPurposes.BUSINESS, false);
        claim.pending += instruction.amount;
        _claims[claimId] = claim;
        _payouts[payoutId] = Payout(
            PayoutStatus.INSTRUCTED,
            instruction.amount,
            claimId,
            instruction.payee,
            instruction.bank
        );
        if (isReissue) {
            _takeReissued(instruction.reissues, instruction.amount, platform.signer);
        }
        emit PayoutInstructed(payoutId, claimId, platform.signer, instruction);
    }

    /// @inheritdoc IPayouts
    function report(
        PayoutId payoutId,
        PayoutStatus status,
        bytes32 statementDigest,
        PartySignature calldata reporter
    ) external {
        Payout storage payout = _payouts[payoutId];
        _requireTransition(payoutId, payout.status, status);
        BodyId by = reporter.signer;
        _requireReporter(payout, status, PayoutTypedData.headOfReport(payoutId, status, statementDigest), reporter);
        Claim storage claim = _claims[payout.claimId];
        uint64 amount = payout.amount;
        payout.status = status;
        if (status == PayoutStatus.RETURNED) {
            claim.paid -= amount;
        } else {
            claim.pending -= amount;
            if (status == PayoutStatus.CONFIRMED) {
                claim.paid += amount;
            }
        }
        emit PayoutReported(payoutId, status, by, statementDigest);
    }

    /// @inheritdoc IPayouts
    function fixRewards(
        Rewards calldata rewards,
        PartySignature calldata payee,
        PartySignature calldata auditor
    ) external {
        ClaimId claimId = _claimId(rewards.tableId, rewards.payee, rewards.currency);
        bool isEmpty = rewards.total == 0 || rewards.count == 0 || rewards.rewardRoot == 0;
        if (_rewarded[claimId] || isEmpty || rewards.total > _claims[claimId].finalized) {
            revert PayoutsWrongRewards(claimId, rewards.total);
        }
        bytes memory head = PayoutTypedData.headOfRewards(rewards);
        _requireSignedBy(rewards.payee, head, payee, KeyPurposes.FINANCE, false);
        _requireSigned(head, auditor, BodyRoles.AUDITOR, KeyPurposes.BUSINESS, false);
        _rewarded[claimId] = true;
        emit RewardsFixed(claimId, rewards);
    }

    /// @inheritdoc IPayouts
    function payoutOf(PayoutId payoutId) external view returns (Payout memory) {
        return _payouts[payoutId];
    }

    /// @dev That money came is the payee's to say, against its own interest, or the bank's; that it did not come makes
    /// it due again, and is the bank's. Platforms, which instruct, and the operator say neither of their own. What a
    /// bank that has left cannot say any more, an auditor says in its place; and that it came, once the payee cannot.
    function _requireReporter(
        Payout storage payout,
        PayoutStatus status,
        bytes memory head,
        PartySignature calldata reporter
    ) private {
        BodyId by = reporter.signer;
        BodyId bank = payout.bank;
        bool isReceipt = by == payout.payee && status == PayoutStatus.CONFIRMED && !_mayNotReport(by);
        if (isReceipt || by == bank) {
            // A receipt defends the payer; what makes money due again does not come from a key that was stopped.
            _requireSigned(head, reporter, 0, KeyPurposes.FINANCE, isReceipt);
            return;
        }
        bool isAuditor = _PARTICIPANTS.bodyOf(by).roles & BodyRoles.AUDITOR != 0;
        bool isForPayee = status == PayoutStatus.CONFIRMED && !_mayNotReport(payout.payee) && !_hasLeft(payout.payee);
        if (!isAuditor || by == payout.payee || isForPayee) {
            revert PayoutsNotConcerned(by);
        }
        if (!_hasLeft(bank)) {
            revert PayoutsBankHasNotLeft(bank);
        }
        _requireSigned(head, reporter, BodyRoles.AUDITOR, KeyPurposes.BUSINESS, false);
    }

    /// @dev Takes what is issued again off the payout that came back: the rest of it stays to be issued again.
    function _takeReissued(PayoutId payoutId, uint64 amount, BodyId platform) private {
        Payout storage old = _payouts[payoutId];
        old.amount -= amount;
        if (old.amount == 0) {
            old.status = PayoutStatus.REISSUED;
            emit PayoutReported(payoutId, PayoutStatus.REISSUED, platform, 0);
        }
    }

    /// @dev Whether a body runs the system's business, and so says nothing of its own payouts.
    function _mayNotReport(BodyId body) private view returns (bool) {
        return _PARTICIPANTS.bodyOf(body).roles & (BodyRoles.PLATFORMS | BodyRoles.OPERATOR) != 0;
    }

    function _hasLeft(BodyId body) private view returns (bool) {
        return _PARTICIPANTS.bodyOf(body).status == IParticipantRegistry.BodyStatus.LEFT;
    }

    function _requireReissue(Instruction calldata instruction, ClaimId claimId) private view {
        PayoutId reissues = instruction.reissues;
        Payout memory old = _payouts[reissues];
        if (old.status != PayoutStatus.REJECTED && old.status != PayoutStatus.RETURNED) {
            revert PayoutsWrongStatus(reissues, old.status);
        }
        if (ClaimId.unwrap(old.claimId) != ClaimId.unwrap(claimId) || instruction.amount > old.amount) {
            revert PayoutsWrongReissue(reissues);
        }
    }

    /// @dev A table binds the accounts that held when its first version was proposed; a reissue follows a change,
    /// because what it replaces came back.
    function _requireAccount(Instruction calldata instruction, bool isReissue) private view {
        uint256 time = isReissue ? _now() : _TABLES.versionOf(instruction.tableId, _FIRST_VERSION).proposedAt;
        (PayeeAccountId expected, ) = _accountAt(instruction.payee, time);
        if (instruction.accountId != expected) {
            revert PayoutsWrongAccount(expected, instruction.accountId);
        }
    }

    /// @dev The bank will report on the payout, so it must be one, the registry's own errors say so; and not of its own
    /// money, which it could make due again.
    function _requireBank(BodyId bank, BodyId payee) private view {
        if (bank == payee) {
            revert PayoutsBankIsPayee(bank);
        }
        IParticipantRegistry.Body memory body = _PARTICIPANTS.bodyOf(bank);
        if (body.status != IParticipantRegistry.BodyStatus.ACTIVE) {
            revert IParticipantRegistry.ParticipantRegistryWrongStatus(bank, body.status);
        }
        if (body.roles & BodyRoles.BANK == 0) {
            revert IParticipantRegistry.ParticipantRegistryMissingRole(bank, body.roles, BodyRoles.BANK);
        }
    }

    function _requireTransition(PayoutId payoutId, PayoutStatus from, PayoutStatus to) private pure {
        bool isAllowed =
            from == PayoutStatus.INSTRUCTED
                ? to == PayoutStatus.CONFIRMED || to == PayoutStatus.REJECTED
                : from == PayoutStatus.CONFIRMED && to == PayoutStatus.RETURNED;
        if (!isAllowed) {
            revert PayoutsWrongStatus(payoutId, from);
        }
    }
}
