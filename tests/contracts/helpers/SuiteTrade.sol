// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../../../contracts/interfaces/IDeliveryReceipts.sol";
import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {IParticipantRegistry} from "../../../contracts/interfaces/IParticipantRegistry.sol";
import {ISettlementRules} from "../../../contracts/interfaces/ISettlementRules.sol";
import {BodyRoles} from "../../../contracts/types/BodyRoles.sol";
import {BodyId, DisputeId} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {Component, LineKey} from "../../../contracts/types/Terms.sol";
import {SuiteTerms} from "./SuiteTerms.sol";

/// @title The honest business up to the charge: usage, its answers, cases, weights
abstract contract SuiteTrade is SuiteTerms {
    DisputeId[] public cases;

    /// @notice The provider states the next usage; with the consumer's signature at once, or without.
    function stateUsage(uint64 units, bool isAcknowledged) public {
        IDeliveryReceipts.UsageClaim memory claim = nextClaim(1 + (units % 5000));
        bytes32 claimHash = heads.hashClaim(claim);
        PartySignature memory provider = signed(
            suite.receipts,
            heads.headOfUsageStatement(claimHash),
            "provider",
            METERING
        );
        bytes memory call_ = abi.encodeCall(IDeliveryReceipts.state, (claim, provider));
        if (isAcknowledged) {
            bytes memory head = heads.headOfAcknowledgement(claimHash, claim.units, 0);
            PartySignature memory consumer = signed(suite.receipts, head, "consumer", METERING);
            call_ = abi.encodeCall(IDeliveryReceipts.stateAcknowledged, (claim, provider, consumer));
        }
        if (_do(isAcknowledged ? "stateAcknowledged" : "state", address(suite.receipts), call_)) {
            _noteStatement(claim.index);
        }
    }

    /// @notice The consumer answers a statement, wholly or in part.
    function answerUsage(uint256 which, uint64 accepted) public {
        uint64 index = _pickStatement(which, IDeliveryReceipts.StatementStatus.CLAIMED);
        IDeliveryReceipts.Statement memory statement = suite.receipts.statementOf(streamId, index);
        accepted = accepted % (statement.units + 1);
        bytes32 grounds = accepted == statement.units ? bytes32(0) : REASON;
        bytes memory head = heads.headOfAcknowledgement(statement.claimHash, accepted, grounds);
        PartySignature memory consumer = signed(suite.receipts, head, "consumer", METERING);
        bytes memory call_ = abi.encodeCall(IDeliveryReceipts.answer, (streamId, index, accepted, grounds, consumer));
        if (_do("answer", address(suite.receipts), call_)) {
            _noteStatement(index);
        }
    }

    /// @notice Anybody lets a statement lapse: only after its time, and as the parties agreed about silence.
    function lapseAny(uint256 which) public {
        uint64 index = _pickStatement(which, IDeliveryReceipts.StatementStatus.CLAIMED);
        IDeliveryReceipts.Statement memory statement = suite.receipts.statementOf(streamId, index);
        // what the parties signed stands, whatever the operator does: here nobody else suspends
        IParticipantRegistry.Body memory consumer = suite.participants.bodyOf(idOf("consumer"));
        vm.assertTrue(consumer.suspendedBy <= IParticipantRegistry.Suspender.OPERATOR, "stopped by somebody else");
        bool accepts = consumer.qualifiedUntil >= block.timestamp;
        if (_relay("lapse", address(suite.receipts), abi.encodeCall(IDeliveryReceipts.lapse, (streamId, index)))) {
            vm.assertTrue(block.timestamp > statement.answerUntil + (accepts ? 0 : ANSWER_SECONDS), "lapsed too early");
            vm.assertEq(
                suite.receipts.statementOf(streamId, index).acceptedUnits,
                accepts ? statement.units : 0,
                "silence accepted something else"
            );
            _noteStatement(index);
        }
    }

    /// @notice The provider takes what was not accepted to a case, and the arbitrator awards some of it.
    function ruleOnUsage(uint256 which, uint64 award) public {
        uint64 index = _pickStatement(which, IDeliveryReceipts.StatementStatus.DISPUTED);
        IDisputes.DisputeCase memory case_;
        (case_.agreementId, case_.nonce) = (AGREEMENT, suite.disputes.caseCount(AGREEMENT, idOf("provider")));
        (case_.subject, case_.streamId, case_.index) = (IDisputes.Subject.STATEMENT, streamId, index);
        case_.groundsDigest = REASON;
        LineKey memory none;
        if (!_openCase(case_, none, 0, "provider")) {
            return;
        }
        (, uint64 contested) = suite.receipts.contestedUnits(streamId, index);
        contested -= suite.disputes.awardedUnits(streamId, index);
        DisputeId id = cases[cases.length - 1];
        _resolve(id, contested == 0 ? 0 : award % (contested + 1), false, 0, 0);
    }

    /// @notice The arbitrator ends some case, or its opener (always the consumer, of a freeze) withdraws it.
    function closeCase(uint256 which, bool isWithdrawn) public {
        DisputeId id = cases[which % cases.length];
        if (!isWithdrawn) {
            _resolve(id, 0, false, 0, 0);
            return;
        }
        PartySignature memory party = signed(
            suite.disputes,
            disputeHeads.headOfWithdrawal(id, REASON),
            "consumer",
            BUSINESS
        );
        bytes memory call_ = abi.encodeCall(IDisputes.withdraw, (id, REASON, party));
        if (_do("withdraw", address(suite.disputes), call_)) {
            _noteCase(id);
        }
    }

    /// @notice Authorisation platform and auditor sign weights for a component and period.
    function signWeights(uint256 component, uint256 period) public {
        ISettlementRules.PeriodWeights memory weights;
        weights.agreementId = AGREEMENT;
        weights.component = component % 2 == 0 ? Component.BASE_FEE : Component.USAGE_SHARE;
        weights.period = periodOf(period);
        weights.revision = suite.rules.revisionOf(AGREEMENT, weights.component, weights.period) + 1;
        (weights.ruleVersion, weights.weights) = (ruleVersion, weightsOf(weights.revision));
        weights.evidenceDigest = REASON;
        weights.componentHash = heads.hashComponentTerms(termsOf(weights.component));
        bytes memory head = heads.headOfWeights(weights);
        bytes memory call_ = abi.encodeCall(
            ISettlementRules.signWeights,
            (
                weights,
                termsOf(weights.component),
                signed(suite.rules, head, "authorisation", BUSINESS),
                signed(suite.rules, head, "auditor", BUSINESS)
            )
        );
        if (_do("signWeights", address(suite.rules), call_)) {
            _note(
                address(suite.rules),
                abi.encodeCall(ISettlementRules.revisionOf, (AGREEMENT, weights.component, weights.period))
            );
            _note(
                address(suite.rules),
                abi.encodeCall(
                    ISettlementRules.weightsHashOf,
                    (suite.rules.weightsIdOf(AGREEMENT, weights.component, weights.period, weights.revision))
                )
            );
        }
    }

    /// @notice The regulator reinstates whom the operator suspended; the honest operator, who has its key too, gives
    /// the ordinary bodies back what the thief took from them.
    function restore() public {
        _restore("provider", BodyRoles.PROVIDER);
        _restore("consumer", BodyRoles.CONSUMER);
        _restore("holder", BodyRoles.DATA_HOLDER);
        ++done["restore"];
    }

    function casesOpened() external view returns (uint256) {
        return cases.length;
    }

    function nextClaim(uint64 units) public view returns (IDeliveryReceipts.UsageClaim memory) {
        IDeliveryReceipts.Stream memory stream = suite.receipts.streamOf(streamId);
        return
            IDeliveryReceipts.UsageClaim(
                streamId,
                stream.statements,
                stream.nextSequence,
                stream.nextSequence + 10,
                units,
                10,
                1000,
                keccak256(abi.encode("batches", stream.statements)),
                periodOf(0)
            );
    }

    function _openCase(
        IDisputes.DisputeCase memory case_,
        LineKey memory key,
        uint256 payee,
        string memory opener
    ) internal returns (bool success) {
        IDisputes.CaseProof memory proof = IDisputes.CaseProof(
            key,
            bookingTerms(),
            componentProof(key.component),
            0,
            payee
        );
        PartySignature memory party = signed(suite.disputes, disputeHeads.headOfCase(case_), opener, BUSINESS);
        success = _do("open", address(suite.disputes), abi.encodeCall(IDisputes.open, (case_, proof, party)));
        if (success) {
            cases.push(disputeHeads.disputeIdOf(case_.agreementId, idOf(opener), case_.nonce));
            _noteCase(cases[cases.length - 1]);
        }
    }

    function _resolve(DisputeId id, uint64 award, bool correctsGross, uint64 base, uint64 gross) internal {
        bytes memory head = disputeHeads.headOfRuling(id, REASON, award, correctsGross, base, gross);
        PartySignature[] memory signers = one(signed(suite.disputes, head, "arbitrator", BUSINESS));
        bytes memory call_ = abi.encodeCall(
            IDisputes.resolve,
            (id, REASON, award, correctsGross, base, gross, signers)
        );
        if (_do("resolve", address(suite.disputes), call_)) {
            _noteCase(id);
        }
    }

    /// @dev From this one on the first statement of this status; this one when there is none.
    function _pickStatement(
        uint256 which,
        IDeliveryReceipts.StatementStatus status
    ) internal view returns (uint64 index) {
        uint64 count = suite.receipts.streamOf(streamId).statements;
        for (uint64 i = 0; i < count; ++i) {
            index = uint64((which % count) + i) % count;
            if (suite.receipts.statementOf(streamId, index).status == status) {
                return index;
            }
        }
        return uint64(which % count);
    }

    function _noteStatement(uint64 index) private {
        _note(address(suite.receipts), abi.encodeCall(IDeliveryReceipts.streamOf, (streamId)));
        _note(address(suite.receipts), abi.encodeCall(IDeliveryReceipts.statementOf, (streamId, index)));
    }

    function _noteCase(DisputeId id) private {
        _note(address(suite.disputes), abi.encodeCall(IDisputes.disputeOf, (id)));
        uint64 index = suite.disputes.disputeOf(id).index;
        _note(address(suite.disputes), abi.encodeCall(IDisputes.awardedUnits, (streamId, index)));
    }

    function _restore(string memory name, uint32 roles) private {
        BodyId id = idOf(name);
        IParticipantRegistry.Body memory body = suite.participants.bodyOf(id);
        if (body.status == IParticipantRegistry.BodyStatus.SUSPENDED) {
            uint256 nonce = suite.participants.actCount(id, idOf("regulator"));
            bytes memory head = heads.headOfReinstatement(id, REASON, nonce);
            PartySignature memory regulator = signed(suite.participants, head, "regulator", BUSINESS);
            bytes memory call_ = abi.encodeCall(IParticipantRegistry.reinstate, (id, REASON, nonce, regulator));
            _relay("reinstate", address(suite.participants), call_);
        }
        body = suite.participants.bodyOf(id);
        if (body.roles != roles) {
            uint256 nonce = suite.participants.actCount(id, idOf("operator"));
            bytes memory head = heads.headOfRoleChange(id, roles, nonce);
            PartySignature memory operator = signed(suite.participants, head, "operator", BUSINESS);
            bytes memory call_ = abi.encodeCall(IParticipantRegistry.changeRoles, (id, roles, nonce, operator));
            _relay("changeRoles", address(suite.participants), call_);
        }
        vm.assertTrue(suite.participants.bodyOf(id).qualifiedUntil >= QUALIFIED_UNTIL, "a qualification is shorter");
    }
}
