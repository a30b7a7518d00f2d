// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../interfaces/IDeliveryReceipts.sol";
import {IDigitalContractRegistry} from "../interfaces/IDigitalContractRegistry.sol";
import {IDisputes} from "../interfaces/IDisputes.sol";
import {IRevenueSettlement} from "../interfaces/IRevenueSettlement.sol";
import {ISettlementRules} from "../interfaces/ISettlementRules.sol";
import {AgreementTypedData} from "../libraries/AgreementTypedData.sol";
import {LargestRemainder} from "../libraries/LargestRemainder.sol";
import {PackedAmounts} from "../libraries/PackedAmounts.sol";
import {Periods} from "../libraries/Periods.sol";
import {RuleTypedData} from "../libraries/RuleTypedData.sol";
import {SplitVector} from "../libraries/SplitVector.sol";
import {AgreementId, BodyId, DisputeId, LineId, PeriodId, StreamId, WeightsId} from "../types/Ids.sol";
import {Line, StatementRange} from "../types/Lines.sol";
import {BasisKind, BookingTerms, ComponentProof, ComponentTerms, LineKey, PartWeights} from "../types/Terms.sol";

/// @title What a line is held against, and how it is split
/// @notice The reading half of {IRevenueSettlement}: agreement, component, charge basis, weights, split. It asks the
/// contracts where the parties' signatures were accepted and changes nothing, here or there.
abstract contract LineBooking is IRevenueSettlement {
    using Periods for PeriodId;

    /// @notice The contracts where the parties' signatures were accepted.
    /// @param agreements The `DigitalContractRegistry`.
    /// @param rules The `SettlementRules`.
    /// @param receipts The `DeliveryReceipts`.
    /// @param disputes The `Disputes`.
    struct Sources {
        IDigitalContractRegistry agreements;
        ISettlementRules rules;
        IDeliveryReceipts receipts;
        IDisputes disputes;
    }

    /// @notice Most ranges of statements that one line may charge for.
    uint256 public constant MAX_RANGES = 16;
    /// @dev Unit prices are in millionths of a minor unit.
    uint256 private constant _PRICE_FRACTION = 1_000_000;

    IDigitalContractRegistry internal immutable _AGREEMENTS;
    ISettlementRules internal immutable _RULES;
    IDeliveryReceipts internal immutable _RECEIPTS;
    IDisputes internal immutable _DISPUTES;

    /// @notice Fixes the contracts that are asked.
    /// @param sources The contracts; each must have code already.
    constructor(Sources memory sources) {
        _requireCode(address(sources.agreements));
        _requireCode(address(sources.rules));
        _requireCode(address(sources.receipts));
        _requireCode(address(sources.disputes));
        _AGREEMENTS = sources.agreements;
        _RULES = sources.rules;
        _RECEIPTS = sources.receipts;
        _DISPUTES = sources.disputes;
    }

    /// @dev Agreement and component, as all parties of the agreement signed them. For a correction `key` is that of the
    /// line that is corrected.
    function _requireTerms(LineId lineId, LineKey calldata key, BookingEvidence calldata evidence) internal view {
        bytes32 expected = _AGREEMENTS.bookingTermsHash(key.agreementId);
        bytes32 actual = AgreementTypedData.hashShownTerms(evidence.terms);
        if (actual != expected) {
            revert RevenueSettlementWrongTerms(key.agreementId, expected, actual);
        }
        ComponentProof calldata component = evidence.component;
        AgreementTypedData.requireComponent(evidence.terms.componentsHash, component);
        ComponentTerms calldata terms = component.terms;
        bool isCovered = !(key.period < terms.firstPeriod) && !(terms.lastPeriod < key.period);
        if (terms.component != key.component || terms.currency != key.currency || !isCovered) {
            revert RevenueSettlementWrongComponent(lineId);
        }
    }

    /// @dev The parties agreed to be charged on this basis, it is there, and it allows this gross.
    function _requireBasis(LineId lineId, Line calldata line, BookingEvidence calldata evidence) internal view {
        ComponentTerms calldata terms = evidence.component.terms;
        _requireAllowed(lineId, line.basis, terms.bases);
        if (LineId.unwrap(line.corrects) != 0 || line.baseGross != 0) {
            revert RevenueSettlementBasisNotAllowed(lineId, line.basis);
        }
        _requireStorable(line.gross);
        if (line.basis != BasisKind.STATEMENTS && evidence.ranges.length != 0) {
            revert RevenueSettlementWrongRanges(lineId);
        }
        if (line.basis == BasisKind.STATEMENTS) {
            _requireWorth(line, _statedUnits(lineId, line, evidence.ranges), terms, evidence.terms);
        } else if (line.basis == BasisKind.RULING) {
            _requireWorth(line, _awardedUnits(lineId, line), terms, evidence.terms);
        } else if (line.basis == BasisKind.SCHEDULE) {
            _requireScheduled(lineId, line, terms.fixedAmount);
        } else {
            // A credit note only corrects.
            revert RevenueSettlementBasisNotAllowed(lineId, line.basis);
        }
    }

    /// @dev The case ordered this gross for the line that is corrected, and the same way: what was ruled to lower a
    /// line never raises it after another correction came between. What the parties settle among themselves cannot
    /// lift a line of public data: it would pass the ceiling that was filed.
    function _requireCorrectedGross(Line calldata line, bool isPublic) internal view {
        DisputeId disputeId = DisputeId.wrap(line.basisHash);
        IDisputes.Award memory award = _awardOf(disputeId, line.key.agreementId);
        if (!award.correctsGross || award.lineId != line.corrects || award.correctedGross != line.gross) {
            revert RevenueSettlementRulingDoesNotAward(disputeId);
        }
        if ((award.correctedGross < award.baseGross) != (line.gross < line.baseGross)) {
            revert RevenueSettlementWrongGross(line.gross, line.baseGross);
        }
        if (isPublic && award.status == IDisputes.DisputeStatus.SETTLED && line.gross > line.baseGross) {
            revert RevenueSettlementWrongGross(line.gross, line.baseGross);
        }
    }

    /// @dev Weights and shares as authorisation platform and auditor signed them, under the rule that the parties
    /// signed, and for exactly the component whose terms are shown: with another rule, or other terms of the same
    /// component, the hash is another. `period` is the original's for a correction.
    function _requireWeights(Line calldata line, PeriodId period, BookingEvidence calldata evidence) internal view {
        WeightsId weightsId = RuleTypedData.weightsIdOf(
            line.key.agreementId,
            line.key.component,
            period,
            line.weightsRevision
        );
        bytes32 expected = _RULES.weightsHashOf(weightsId);
        bytes32 actual = RuleTypedData.hashWeights(
            evidence.terms.ruleVersion,
            evidence.component.componentHashes[evidence.component.place],
            evidence.weights,
            evidence.shares
        );
        if (actual != expected) {
            revert RevenueSettlementWrongWeights(weightsId, expected, actual);
        }
    }

    function _requireCode(address target) internal view {
        if (target.code.length == 0) {
            revert RevenueSettlementNoCode(target);
        }
    }

    /// @dev Splits the gross among the component's recipients.
    function _split(
        LineId lineId,
        uint64 gross,
        BookingEvidence calldata evidence
    ) internal pure returns (BodyId[] memory recipients, int64[] memory amounts) {
        uint256[] memory weights;
        (weights, recipients) = _flatten(evidence);
        amounts = _signed(LargestRemainder.split(gross, weights, lineId, recipients));
    }

    /// @dev What a correction moves: the difference of two splits, both by the original's id, so that equal remainders
    /// fall as they fell then.
    function _splitDifference(
        LineId originalId,
        uint64 gross,
        uint64 baseGross,
        BookingEvidence calldata evidence
    ) internal pure returns (BodyId[] memory recipients, int64[] memory amounts) {
        uint256[] memory weights;
        (weights, recipients) = _flatten(evidence);
        amounts = _signed(LargestRemainder.split(gross, weights, originalId, recipients));
        uint64[] memory base = LargestRemainder.split(baseGross, weights, originalId, recipients);
        for (uint256 i = 0; i < base.length; ++i) {
            amounts[i] -= int64(base[i]);
        }
    }

    /// @dev Refuses a basis that the parties did not sign.
    function _requireAllowed(LineId lineId, BasisKind basis, uint8 bases) internal pure {
        if ((bases >> uint8(basis)) & 1 == 0) {
            revert RevenueSettlementBasisNotAllowed(lineId, basis);
        }
    }

    /// @dev Whatever is split must fit the places where its parts are stored, with its sign turned too.
    function _requireStorable(uint64 gross) internal pure {
        if (gross > PackedAmounts.MAX_AMOUNT) {
            revert RevenueSettlementGrossTooHigh(gross, PackedAmounts.MAX_AMOUNT);
        }
    }

    /// @dev Units of all statements that the line names.
    function _statedUnits(
        LineId lineId,
        Line calldata line,
        StatementRange[] calldata ranges
    ) private view returns (uint256 units) {
        uint256 count = ranges.length;
        if (count == 0 || count > MAX_RANGES || keccak256(abi.encode(ranges)) != line.basisHash) {
            revert RevenueSettlementWrongRanges(lineId);
        }
        for (uint256 i = 0; i < count; ++i) {
            StatementRange calldata range = ranges[i];
            if (range.firstIndex >= range.nextIndex || (i != 0 && !_isAfter(range, ranges[i - 1]))) {
                revert RevenueSettlementWrongRanges(lineId);
            }
            (AgreementId agreementId, uint256 inRange) = _RECEIPTS.chargeableUnits(
                range.streamId,
                range.firstIndex,
                range.nextIndex
            );
            if (agreementId != line.key.agreementId) {
                revert RevenueSettlementForeignStream(range.streamId, agreementId);
            }
            units += inRange;
        }
    }

    /// @dev Units that a ruling or settlement of this agreement awarded.
    function _awardedUnits(LineId lineId, Line calldata line) private view returns (uint256) {
        // The regular line is the one of the statements; what is awarded later stands beside it.
        if (line.key.ordinal == 0) {
            revert RevenueSettlementBasisNotAllowed(lineId, line.basis);
        }
        DisputeId disputeId = DisputeId.wrap(line.basisHash);
        uint64 units = _awardOf(disputeId, line.key.agreementId).awardedUnits;
        if (units == 0) {
            revert RevenueSettlementRulingDoesNotAward(disputeId);
        }
        return units;
    }

    /// @dev The agreed amount, for a period in which the agreement holds for a second at least: it is not prorated.
    function _requireScheduled(LineId lineId, Line calldata line, uint64 fixedAmount) private view {
        if (line.key.ordinal != 0 || line.basisHash != 0) {
            revert RevenueSettlementBasisNotAllowed(lineId, line.basis);
        }
        if (line.gross != fixedAmount) {
            revert RevenueSettlementWrongGross(line.gross, fixedAmount);
        }
        IDigitalContractRegistry.DeliveryTerms memory agreed = _AGREEMENTS.deliveryTerms(line.key.agreementId);
        if (!line.key.period.overlaps(agreed.validFrom, agreed.validUntil)) {
            revert RevenueSettlementOutsideValidity(lineId, agreed.validFrom, agreed.validUntil);
        }
    }

    /// @dev What was awarded in a case of this agreement, ruled by an arbitrator or settled by both parties.
    function _awardOf(
        DisputeId disputeId,
        AgreementId agreementId
    ) private view returns (IDisputes.Award memory award) {
        award = _DISPUTES.awardOf(disputeId);
        bool isResolved =
            award.status == IDisputes.DisputeStatus.RULED || award.status == IDisputes.DisputeStatus.SETTLED;
        if (!isResolved || award.agreementId != agreementId) {
            revert RevenueSettlementRulingDoesNotAward(disputeId);
        }
    }

    /// @dev The exact gross follows from the price rule, which both platforms compute; the chain holds the bound that
    /// the parties signed and, for public data, the one that was filed.
    function _requireWorth(
        Line calldata line,
        uint256 units,
        ComponentTerms calldata terms,
        BookingTerms calldata bookingTerms
    ) private pure {
        uint256 price = terms.maxUnitPrice;
        if (bookingTerms.isPublic) {
            // A ceiling in one currency says nothing about a price in another.
            if (bookingTerms.ceilingCurrency != line.key.currency) {
                revert RevenueSettlementCeilingCurrency(bookingTerms.ceilingCurrency, line.key.currency);
            }
            if (bookingTerms.ceilingUnitPrice < price) {
                price = bookingTerms.ceilingUnitPrice;
            }
        }
        // Rounded up, so that the last fraction of a minor unit may be charged.
        uint256 maximum = (units * price + _PRICE_FRACTION - 1) / _PRICE_FRACTION;
        if (line.gross > maximum) {
            revert RevenueSettlementGrossTooHigh(line.gross, maximum);
        }
    }

    function _flatten(
        BookingEvidence calldata evidence
    ) private pure returns (uint256[] memory weights, BodyId[] memory recipients) {
        PartWeights memory parts = evidence.weights;
        return SplitVector.flatten(parts, evidence.component.terms.recipients, evidence.shares);
    }

    /// @dev Strictly after in (stream, index), without a common statement.
    function _isAfter(StatementRange calldata range, StatementRange calldata previous) private pure returns (bool) {
        bytes32 stream = StreamId.unwrap(range.streamId);
        bytes32 before = StreamId.unwrap(previous.streamId);
        return stream > before || (stream == before && range.firstIndex >= previous.nextIndex);
    }

    /// @dev The same words read as signed: every part is at most the gross, which has 47 bits ({_requireStorable}), so
    /// none has a sign bit; converting each into a new array costs some 350 gas a recipient.
    function _signed(uint64[] memory parts) private pure returns (int64[] memory amounts) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            amounts := parts
        }
    }
}
