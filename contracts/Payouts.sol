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
import {BodyRoles} from "./types/BodyRoles.sol";
import {BodyId, ClaimId, Currency, LineId, PayeeAccountId, PayoutId, TableId, TableVersion} from "./types/Ids.sol";
import {KeyPurposes} from "./types/KeyPurposes.sol";
import {Line, LineProof} from "./types/Lines.sol";
import {PartySignature} from "./types/Parties.sol";
import {PayBasis} from "./types/Terms.sol";

/// @title Payouts
/// @notice See {IPayouts}. Counts what is due and what was paid; holds no money, has no owner and no setter.
contract Payouts is IPayouts, AccountBook {
    using ClaimAmounts for IPayouts.Claim;

    /// @dev What happened to a line. One storage slot.
    struct LineState {
        bool isCollected;
        bool isCredited;
    }

    /// @dev One recipient's place in a line, and the claim that it belongs to. In memory only.
    struct Entry {
        LineId lineId;
        ClaimId claimId;
        BodyId payee;
        Currency currency;
    }

    bytes32 private constant _CLAIM_DOMAIN = keccak256("cityledger/v1/claim");
    /// @dev The version whose proposal binds the accounts of a table.
    TableVersion private constant _FIRST_VERSION = TableVersion.wrap(1);

    IRevenueSettlement private immutable _BOOK;
    IDistributionTables private immutable _TABLES;
    IDisputes private immutable _DISPUTES;

    mapping(ClaimId claimId => Claim claim) private _claims;
    mapping(BodyId payee => mapping(Currency currency => uint64 amount)) private _owed;
    mapping(LineId lineId => LineState state) private _lines;
    mapping(LineId lineId => mapping(BodyId payee => uint64 amount)) private _held;
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
    ) PartyActs(participants_, "CityLedger Payouts") AccountBook(coolingSeconds) {
        _requireCode(address(participants_));
        _requireCode(address(book_));
        _requireCode(address(tables_));
        _requireCode(address(disputes_));
        _BOOK = book_;
        _TABLES = tables_;
        _DISPUTES = disputes_;
    }

    /// @inheritdoc IPayouts
    function recordCollection(LineId lineId, bytes32 statementDigest, PartySignature calldata bank) external {
        LineState storage state = _lines[lineId];
        if (state.isCollected) {
            revert PayoutsAlreadyCollected(lineId);
        }
        bytes memory head = PayoutTypedData.headOfCollection(lineId, statementDigest);
        _requireSigned(head, bank, BodyRoles.BANK, KeyPurposes.FINANCE, false);
        state.isCollected = true;
        emit LineCollected(lineId, bank.signer, statementDigest);
    }

    /// @inheritdoc IPayouts
    function credit(LineProof calldata proof) external {
        (LineId lineId, IRevenueSettlement.LineRecord memory record) = _BOOK.requireBooked(proof);
        Line calldata line = proof.line;
        _requireFinal(lineId, line);
        LineState storage state = _lines[lineId];
        if (state.isCredited) {
            revert PayoutsAlreadyCredited(lineId);
        }
        // A correction moves what its original gave: before that, nobody has anything of it to give back.
        if (LineId.unwrap(line.corrects) != 0 && !_lines[line.corrects].isCredited) {
            revert PayoutsNotCredited(line.corrects);
        }
        // Only what a line adds must be collected first; what it takes back was never to come.
        bool adds = line.gross > line.baseGross;
        if (record.payBasis == PayBasis.COLLECTED && adds && !state.isCollected) {
            revert PayoutsNotCollected(lineId);
        }
        state.isCredited = true;
        int64[] memory amounts = _BOOK.amountsOf(lineId, line.tableId, line.tableVersion);
        for (uint256 place = 0; place < amounts.length; ++place) {
            if (amounts[place] != 0) {
                _creditRecipient(_entryOf(lineId, proof, place), amounts[place], proof, amounts);
            }
        }
    }

    /// @inheritdoc IPayouts
    function updateHold(LineProof calldata proof, uint256 place) external {
        (LineId lineId, ) = _BOOK.requireBooked(proof);
        Line calldata line = proof.line;
        _requireFinal(lineId, line);
        if (!_lines[lineId].isCredited) {
            revert PayoutsNotCredited(lineId);
        }
        if (place >= proof.recipients.length) {
            revert PayoutsWrongPlace(lineId, place);
        }
        Entry memory entry = _entryOf(lineId, proof, place);
        uint64 amount = _amountOf(proof, _BOOK.amountsOf(lineId, line.tableId, line.tableVersion), entry.payee);
        Claim memory claim = _claims[entry.claimId];
        _hold(entry, claim, ClaimAmounts.least(_DISPUTES.frozenAmount(lineId, entry.payee), amount));
        _claims[entry.claimId] = claim;
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
        _requireBank(instruction.bank);
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
            _payouts[instruction.reissues].status = PayoutStatus.REISSUED;
            emit PayoutReported(instruction.reissues, PayoutStatus.REISSUED, platform.signer, 0);
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
    function claimOf(ClaimId claimId) external view returns (Claim memory) {
        return _claims[claimId];
    }

    /// @inheritdoc IPayouts
    function owedBy(BodyId payee, Currency currency) external view returns (uint64) {
        return _owed[payee][currency];
    }

    /// @inheritdoc IPayouts
    function payoutOf(PayoutId payoutId) external view returns (Payout memory) {
        return _payouts[payoutId];
    }

    /// @inheritdoc IPayouts
    function lineState(LineId lineId) external view returns (bool isCollected, bool isCredited) {
        LineState memory state = _lines[lineId];
        return (state.isCollected, state.isCredited);
    }

    /// @inheritdoc IPayouts
    function heldOf(LineId lineId, BodyId payee) external view returns (uint64) {
        return _held[lineId][payee];
    }

    /// @inheritdoc IPayouts
    function claimIdOf(TableId tableId, BodyId payee, Currency currency) external pure returns (ClaimId) {
        return _claimId(tableId, payee, currency);
    }

    /// @dev That money came is the payee's to say, against its own interest, or the bank's; that it did not come makes
    /// it due again, and is the bank's. What a bank that has left cannot say any more, an auditor says in its place.
    function _requireReporter(
        Payout storage payout,
        PayoutStatus status,
        bytes memory head,
        PartySignature calldata reporter
    ) private {
        BodyId by = reporter.signer;
        BodyId bank = payout.bank;
        bool isReceipt = by == payout.payee && status == PayoutStatus.CONFIRMED;
        if (isReceipt || by == bank) {
            // A receipt defends the payer; what makes money due again does not come from a key that was stopped.
            _requireSigned(head, reporter, 0, KeyPurposes.FINANCE, isReceipt);
            return;
        }
        bool isAuditor = _PARTICIPANTS.bodyOf(by).roles & BodyRoles.AUDITOR != 0;
        if (!isAuditor || by == payout.payee || status == PayoutStatus.CONFIRMED) {
            revert PayoutsNotConcerned(by);
        }
        if (_PARTICIPANTS.bodyOf(bank).status != IParticipantRegistry.BodyStatus.LEFT) {
            revert PayoutsBankHasNotLeft(bank);
        }
        _requireSigned(head, reporter, BodyRoles.AUDITOR, KeyPurposes.BUSINESS, false);
    }

    /// @dev Adds a recipient's amount to its claim, less what it owes, or takes it off, as far as the claim has it.
    function _creditRecipient(
        Entry memory entry,
        int64 amount,
        LineProof calldata proof,
        int64[] memory amounts
    ) private {
        Claim memory claim = _claims[entry.claimId];
        uint64 owed = _owed[entry.payee][entry.currency];
        uint64 owedAfter;
        if (amount > 0) {
            owedAfter = claim.add(uint64(amount), owed);
            uint64 frozen = _DISPUTES.frozenAmount(entry.lineId, entry.payee);
            if (frozen != 0) {
                _hold(entry, claim, ClaimAmounts.least(frozen, _amountOf(proof, amounts, entry.payee)));
            }
        } else {
            // An amount has 48 bits: its sign can be turned.
            owedAfter = claim.takeOff(uint64(-amount), owed);
        }
        _claims[entry.claimId] = claim;
        if (owedAfter != owed) {
            _owed[entry.payee][entry.currency] = owedAfter;
        }
        emit ClaimCredited(entry.claimId, entry.lineId, entry.payee, amount, claim, owedAfter);
    }

    /// @dev What the payee owes comes off the claim first, so that nobody is paid what its lines no longer sum to.
    /// Changes `claim` in place; the caller stores it.
    function _setOff(ClaimId claimId, Claim memory claim, BodyId payee, Currency currency) private {
        uint64 owed = _owed[payee][currency];
        uint64 taken = ClaimAmounts.least(owed, claim.available());
        if (taken != 0) {
            claim.finalized -= taken;
            _owed[payee][currency] = owed - taken;
            emit ClaimSetOff(claimId, payee, taken, claim, owed - taken);
        }
    }

    /// @dev Brings what is held to `target`, raising it no further than the claim has left. Stores the hold and changes
    /// `claim` in place; the caller stores the claim.
    function _hold(Entry memory entry, Claim memory claim, uint64 target) private {
        uint64 held = _held[entry.lineId][entry.payee];
        uint64 reached = target > held ? held + ClaimAmounts.least(target - held, claim.available()) : target;
        if (reached != held) {
            claim.held = claim.held + reached - held;
            _held[entry.lineId][entry.payee] = reached;
            emit HoldChanged(entry.claimId, entry.lineId, reached);
        }
    }

    /// @dev Reverts unless the line is final in exactly this version.
    function _requireFinal(LineId lineId, Line calldata line) private view {
        IDistributionTables.Finality memory finality = _TABLES.finalityOf(lineId);
        bool isSameTable = TableId.unwrap(finality.tableId) == TableId.unwrap(line.tableId);
        if (!isSameTable || finality.tableVersion != line.tableVersion) {
            revert PayoutsNotFinal(lineId);
        }
    }

    function _requireReissue(Instruction calldata instruction, ClaimId claimId) private view {
        PayoutId reissues = instruction.reissues;
        Payout memory old = _payouts[reissues];
        if (old.status != PayoutStatus.REJECTED && old.status != PayoutStatus.RETURNED) {
            revert PayoutsWrongStatus(reissues, old.status);
        }
        if (ClaimId.unwrap(old.claimId) != ClaimId.unwrap(claimId) || old.amount != instruction.amount) {
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

    /// @dev The bank will report on the payout, so it must be one; the registry's own errors say so.
    function _requireBank(BodyId bank) private view {
        IParticipantRegistry.Body memory body = _PARTICIPANTS.bodyOf(bank);
        if (body.status != IParticipantRegistry.BodyStatus.ACTIVE) {
            revert IParticipantRegistry.ParticipantRegistryWrongStatus(bank, body.status);
        }
        if (body.roles & BodyRoles.BANK == 0) {
            revert IParticipantRegistry.ParticipantRegistryMissingRole(bank, body.roles, BodyRoles.BANK);
        }
    }

    function _requireCode(address location) private view {
        if (location.code.length == 0) {
            revert PayoutsNoCode(location);
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

    /// @dev A payee's amount in a line, over all of its places; zero when it is negative.
    function _amountOf(LineProof calldata proof, int64[] memory amounts, BodyId payee) private pure returns (uint64) {
        int64 sum = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            if (proof.recipients[i] == payee) {
                sum += amounts[i];
            }
        }
        return sum > 0 ? uint64(sum) : 0;
    }

    function _entryOf(LineId lineId, LineProof calldata proof, uint256 place) private pure returns (Entry memory) {
        (BodyId payee, Currency currency) = (proof.recipients[place], proof.line.key.currency);
        return Entry(lineId, _claimId(proof.line.tableId, payee, currency), payee, currency);
    }

    function _claimId(TableId tableId, BodyId payee, Currency currency) private pure returns (ClaimId) {
        return ClaimId.wrap(keccak256(abi.encode(_CLAIM_DOMAIN, tableId, payee, currency)));
    }
}
