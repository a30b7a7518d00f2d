// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {PartyActs} from "../access/PartyActs.sol";
import {IDisputes} from "../interfaces/IDisputes.sol";
import {IDistributionTables} from "../interfaces/IDistributionTables.sol";
import {IPayouts} from "../interfaces/IPayouts.sol";
import {IRevenueSettlement} from "../interfaces/IRevenueSettlement.sol";
import {ClaimAmounts} from "../libraries/ClaimAmounts.sol";
import {PayoutTypedData} from "../libraries/PayoutTypedData.sol";
import {BodyRoles} from "../types/BodyRoles.sol";
import {BodyId, ClaimId, Currency, DisputeId, LineId, TableId} from "../types/Ids.sol";
import {KeyPurposes} from "../types/KeyPurposes.sol";
import {Line, LineProof} from "../types/Lines.sol";
import {PartySignature} from "../types/Parties.sol";
import {BasisKind, PayBasis} from "../types/Terms.sol";

/// @title The claims of `Payouts`
/// @notice See {IPayouts}. What final lines, their corrections, debts and disputes make of what a payee may receive.
abstract contract ClaimBook is PartyActs, IPayouts {
    using ClaimAmounts for IPayouts.Claim;

    /// @dev What happened to a line. One storage slot. `gross` is what of the line's gross, after corrections, was
    /// credited, `isRuled` whether one of those was a ruling's; both belong to lines that correct none.
    struct LineState {
        bool isCollected;
        bool isCredited;
        bool isRuled;
        uint64 gross;
    }

    /// @dev One recipient's place in a line, and the claim that it belongs to. In memory only.
    struct Entry {
        LineId lineId;
        ClaimId claimId;
        BodyId payee;
        Currency currency;
    }

    bytes32 private constant _CLAIM_DOMAIN = keccak256("cityledger/v1/claim");

    IRevenueSettlement internal immutable _BOOK;
    IDistributionTables internal immutable _TABLES;
    IDisputes internal immutable _DISPUTES;

    mapping(ClaimId claimId => Claim claim) internal _claims;
    mapping(BodyId payee => mapping(Currency currency => uint64 amount)) private _owed;
    mapping(LineId lineId => LineState state) private _lines;
    mapping(LineId lineId => mapping(BodyId payee => uint64 amount)) private _held;
    /// @dev Cases whose ruling was credited as a correction: what they froze for it, it has found.
    mapping(DisputeId disputeId => bool isDone) private _ruled;

    /// @notice Fixes the contracts that are asked.
    /// @param book_ The `RevenueSettlement`.
    /// @param tables_ The `DistributionTables`.
    /// @param disputes_ The `Disputes`.
    constructor(IRevenueSettlement book_, IDistributionTables tables_, IDisputes disputes_) {
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
    function credit(LineProof[] calldata proofs) external {
        (LineId[] memory lineIds, PayBasis payBasis) = _takeDue(proofs);
        LineState storage original = _requireChain(proofs, lineIds[0]);
        if (payBasis == PayBasis.COLLECTED) {
            _requireCollected(proofs, lineIds);
        }
        original.gross = proofs[proofs.length - 1].line.gross;
        for (uint256 i = 0; i < proofs.length; ++i) {
            LineProof calldata proof = proofs[i];
            int64[] memory amounts = _BOOK.amountsOf(lineIds[i], proof.line.tableId, proof.line.tableVersion);
            for (uint256 place = 0; place < amounts.length; ++place) {
                if (amounts[place] != 0) {
                    _creditRecipient(_entryOf(lineIds[i], proof, place), amounts[place], proof, amounts);
                }
            }
        }
    }

    /// @inheritdoc IPayouts
    function updateHold(LineProof calldata proof, uint256 place) external {
        Line calldata line = proof.line;
        (LineId lineId, ) = _requireFinal(proof);
        if (!_lines[lineId].isCredited) {
            revert PayoutsNotCredited(lineId);
        }
        if (place >= proof.recipients.length) {
            revert PayoutsWrongPlace(lineId, place);
        }
        Entry memory entry = _entryOf(lineId, proof, place);
        uint64 amount = _amountOf(proof, _BOOK.amountsOf(lineId, line.tableId, line.tableVersion), entry.payee);
        if (LineId.unwrap(line.corrects) == 0) {
            amount = ClaimAmounts.part(amount, _lines[lineId].gross, line.gross);
        }
        Claim memory claim = _claims[entry.claimId];
        _hold(entry, claim, ClaimAmounts.least(_frozen(lineId, entry.payee), amount));
        _claims[entry.claimId] = claim;
    }

    /// @inheritdoc IPayouts
    function setOff(TableId tableId, BodyId payee, Currency currency) external {
        ClaimId claimId = _claimId(tableId, payee, currency);
        Claim memory claim = _claims[claimId];
        _setOff(claimId, claim, payee, currency);
        _claims[claimId] = claim;
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
    function lineState(LineId lineId) external view returns (bool isCollected, bool isCredited, uint64 gross) {
        LineState memory state = _lines[lineId];
        return (state.isCollected, state.isCredited, state.gross);
    }

    /// @inheritdoc IPayouts
    function heldOf(LineId lineId, BodyId payee) external view returns (uint64) {
        return _held[lineId][payee];
    }

    /// @inheritdoc IPayouts
    function claimIdOf(TableId tableId, BodyId payee, Currency currency) external pure returns (ClaimId) {
        return _claimId(tableId, payee, currency);
    }

    /// @dev What the payee owes comes off the claim first, so that nobody is paid what its lines no longer sum to.
    /// Changes `claim` in place; the caller stores it.
    function _setOff(ClaimId claimId, Claim memory claim, BodyId payee, Currency currency) internal {
        uint64 owed = _owed[payee][currency];
        uint64 taken = ClaimAmounts.least(owed, claim.available());
        if (taken != 0) {
            claim.finalized -= taken;
            _owed[payee][currency] = owed - taken;
            emit ClaimSetOff(claimId, payee, taken, claim, owed - taken);
        }
    }

    /// @dev Reverts unless all are final and not credited, and marks them as credited: the same one is not there twice.
    /// All lines of a chain are of one agreement, and so of one pay basis.
    function _takeDue(LineProof[] calldata proofs) private returns (LineId[] memory lineIds, PayBasis payBasis) {
        if (proofs.length == 0) {
            revert PayoutsNoLines();
        }
        lineIds = new LineId[](proofs.length);
        for (uint256 i = 0; i < proofs.length; ++i) {
            (lineIds[i], payBasis) = _requireFinal(proofs[i]);
            LineState storage state = _lines[lineIds[i]];
            if (state.isCredited) {
                revert PayoutsAlreadyCredited(lineIds[i]);
            }
            state.isCredited = true;
            _noteRuling(proofs[i].line);
        }
    }

    /// @dev A ruling that corrects is credited as its correction: from then on it freezes nothing here.
    function _noteRuling(Line calldata line) private {
        if (line.basis == BasisKind.RULING && LineId.unwrap(line.corrects) != 0) {
            _ruled[DisputeId.wrap(line.basisHash)] = true;
            _lines[line.corrects].isRuled = true;
        }
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
            uint64 frozen = _frozen(entry.lineId, entry.payee);
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
        if (amount < 0) {
            _release(entry, proof, uint64(-amount));
        }
    }

    /// @dev What is taken back of a line is what was held of it for that: it is held no more, and pays what the payee
    /// owes by now. Otherwise the payee would miss it twice until the review date. What disputes still freeze of the
    /// rest stays: the correction is not what those wait for.
    function _release(Entry memory entry, LineProof calldata correction, uint64 amount) private {
        LineId originalId = correction.line.corrects;
        uint64 held = _held[originalId][entry.payee];
        if (held == 0) {
            return;
        }
        IDistributionTables.Finality memory finality = _TABLES.finalityOf(originalId);
        ClaimId claimId = _claimId(finality.tableId, entry.payee, entry.currency);
        Claim memory claim = _claims[claimId];
        Entry memory original = Entry(originalId, claimId, entry.payee, entry.currency);
        uint64 target = held - ClaimAmounts.least(held, amount);
        uint64 frozen = _frozen(originalId, entry.payee);
        if (frozen > target) {
            frozen = ClaimAmounts.least(frozen, _leftOf(original, correction, finality));
            target = frozen > target ? frozen : target;
        }
        _hold(original, claim, target);
        _setOff(claimId, claim, entry.payee, entry.currency);
        _claims[claimId] = claim;
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

    /// @dev What credited corrections leave of a payee's amount in the line that they correct. A correction has the
    /// recipients of its line, and the amounts of a line sum to its gross.
    function _leftOf(
        Entry memory original,
        LineProof calldata correction,
        IDistributionTables.Finality memory finality
    ) private view returns (uint64) {
        int64[] memory amounts = _BOOK.amountsOf(original.lineId, finality.tableId, finality.tableVersion);
        uint64 gross = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            // A line that corrects none gives nobody less than nothing.
            gross += uint64(amounts[i]);
        }
        uint64 amount = _amountOf(correction, amounts, original.payee);
        return ClaimAmounts.part(amount, _lines[original.lineId].gross, gross);
    }

    /// @dev What disputes freeze of a payee's amount in a line, but for those whose ruling was credited already. Only
    /// where there are such, which of them freezes what has to be asked.
    function _frozen(LineId lineId, BodyId payee) private view returns (uint64 greatest) {
        if (!_lines[lineId].isRuled) {
            return _DISPUTES.frozenAmount(lineId, payee);
        }
        (DisputeId[] memory disputeIds, uint64[] memory amounts) = _DISPUTES.freezesOf(lineId, payee);
        for (uint256 i = 0; i < disputeIds.length; ++i) {
            if (amounts[i] > greatest && !_ruled[disputeIds[i]]) {
                greatest = amounts[i];
            }
        }
    }

    /// @dev Reverts unless each line goes on where the one before ended, the first where the credit of its original
    /// stands, and all together reach no more than what the original's gross is by its final corrections: what is known
    /// to be taken back is not given. Returns the original's state.
    function _requireChain(
        LineProof[] calldata proofs,
        LineId firstId
    ) private view returns (LineState storage original) {
        LineId corrects = proofs[0].line.corrects;
        bool isOriginal = LineId.unwrap(corrects) == 0;
        LineId originalId = isOriginal ? firstId : corrects;
        original = _lines[originalId];
        // A correction moves what its original gave: before that, nobody has anything of it to give back.
        if (!original.isCredited) {
            revert PayoutsNotCredited(originalId);
        }
        uint64 gross = original.gross;
        for (uint256 i = 0; i < proofs.length; ++i) {
            Line calldata line = proofs[i].line;
            bool isOther = i != 0 && line.corrects != originalId;
            if (isOther || line.baseGross != gross) {
                revert PayoutsWrongOrder(originalId, i, gross);
            }
            gross = line.gross;
        }
        uint64 currentGross = _TABLES.finalityOf(originalId).currentGross;
        if (gross > currentGross) {
            revert PayoutsCorrected(originalId, currentGross);
        }
    }

    /// @dev What a line adds must be collected first, as far as no later one takes it back at once: that was never to
    /// come.
    function _requireCollected(LineProof[] calldata proofs, LineId[] memory lineIds) private view {
        uint64 least = type(uint64).max;
        for (uint256 i = proofs.length; i != 0; --i) {
            Line calldata line = proofs[i - 1].line;
            least = ClaimAmounts.least(least, line.gross);
            if (least > line.baseGross && !_lines[lineIds[i - 1]].isCollected) {
                revert PayoutsNotCollected(lineIds[i - 1]);
            }
        }
    }

    /// @dev Reverts unless the line is booked, and final in exactly this version.
    function _requireFinal(LineProof calldata proof) private view returns (LineId lineId, PayBasis payBasis) {
        IRevenueSettlement.LineRecord memory record;
        (lineId, record) = _BOOK.requireBooked(proof);
        IDistributionTables.Finality memory finality = _TABLES.finalityOf(lineId);
        bool isSameTable = TableId.unwrap(finality.tableId) == TableId.unwrap(proof.line.tableId);
        if (!isSameTable || finality.tableVersion != proof.line.tableVersion) {
            revert PayoutsNotFinal(lineId);
        }
        return (lineId, record.payBasis);
    }

    function _requireCode(address location) internal view {
        if (location.code.length == 0) {
            revert PayoutsNoCode(location);
        }
    }

    /// @dev Id of a claim.
    function _claimId(TableId tableId, BodyId payee, Currency currency) internal pure returns (ClaimId) {
        return ClaimId.wrap(keccak256(abi.encode(_CLAIM_DOMAIN, tableId, payee, currency)));
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
}
