// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../../contracts/interfaces/IDistributionTables.sol";
import {IObjections} from "../../contracts/interfaces/IObjections.sol";
import {BodyId, LineId, ObjectionId} from "../../contracts/types/Ids.sol";
import {LineProof} from "../../contracts/types/Lines.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {SettlementFixture} from "./helpers/Settlement.sol";

/// @title The life of an objection
contract ObjectionsTest is SettlementFixture {
    LineProof private _proof;
    LineId private _lineId;

    function setUp() public override {
        super.setUp();
        _proof = usageLine(TABLE_1, V1, 0, 1000);
        _lineId = bookLine(_proof, false);
    }

    function test_object_isRecordedAndFreezesTheLine() public {
        publishedTable(TABLE_1, V1);
        PartySignature memory party = signTable(headOfObjection(_proof, 400), "holder");
        IObjections.Objection memory expected = IObjections.Objection(
            IObjections.ObjectionStatus.OPEN,
            idOf("holder"),
            _lineId,
            TABLE_1,
            V1,
            400,
            uint48(block.timestamp + ANSWER),
            0
        );
        ObjectionId id = _idOf("holder");
        vm.expectEmit(address(tables));
        emit IObjections.ObjectionFiled(id, _lineId, idOf("holder"), expected, "grounds");
        tables.object(_proof, 400, "grounds", party);
        vm.assertEq(keccak256(abi.encode(tables.objectionOf(id))), keccak256(abi.encode(expected)));
        object(_proof, 1000, "consumer");
        _requireAgainst(2, false, 1400);
    }

    function test_object_onlyWhileTheWindowIsOpen() public {
        IDistributionTables.Proposal memory proposal = signedTable(TABLE_1, V1);
        publish(proposal, "trading");
        _refuseObject(_proof, 400, _windowClosed(0));
        publish(proposal, "authorisation");
        uint48 windowEnds = tables.versionOf(TABLE_1, V1).windowEnds;
        vm.warp(windowEnds);
        object(_proof, 400, "consumer");
        vm.warp(uint256(windowEnds) + 1);
        _refuseObject(_proof, 400, _windowClosed(windowEnds));
    }

    function test_object_toALineThatIsNotCoveredOrReplaced_isRefused() public {
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V1);
        proposal.windowSeconds = 30 days;
        propose(proposal, "trading");
        LineProof memory late = usageLine(TABLE_1, V1, 1, 500);
        LineId lateId = bookLine(late, false);
        tables.sign(proposal, signTable(headOfTable(proposal), "auditor"));
        publish(proposal, "trading");
        publish(proposal, "auditor");
        _refuseObject(
            late,
            400,
            abi.encodeWithSelector(IDistributionTables.DistributionTablesNotCovered.selector, lateId)
        );
        bookLine(usageLine(TABLE_1, V2, 0, 900), false);
        signedTable(TABLE_1, V2);
        _refuseObject(_proof, 400, _windowClosed(tables.versionOf(TABLE_1, V1).windowEnds));
    }

    function test_object_withNoAmountOrMoreThanTheLines_isRefused() public {
        LineProof memory correction = correctionLine(TABLE_1, _proof, 1, 700, 1000);
        LineProof memory nothing = usageLine(TABLE_1, V1, 2, 0);
        bookLine(correction, false);
        bookLine(nothing, false);
        publishedTable(TABLE_1, V1);
        _refuseObject(_proof, 0, _wrongAmount(0, 1000));
        _refuseObject(_proof, 1001, _wrongAmount(1001, 1000));
        _refuseObject(correction, 301, _wrongAmount(301, 300));
        _refuseObject(nothing, 2, _wrongAmount(2, 1));
        object(_proof, 1000, "provider");
        object(correction, 300, "provider");
        object(nothing, 1, "provider");
    }

    function test_answer_upheld_endsThisBookingForEver() public {
        ObjectionId id = _published();
        _expectMoved(id, IObjections.ObjectionStatus.UPHELD, "answer");
        answer(id, true);
        _requireAgainst(0, true, 0);
        _refuseAnswer(id, _wrongStatus(id, IObjections.ObjectionStatus.UPHELD));
        _refuseWithdrawal(id, _wrongStatus(id, IObjections.ObjectionStatus.UPHELD));
        _refuseAdvance(id, _wrongStatus(id, IObjections.ObjectionStatus.UPHELD));
    }

    function test_answer_rejected_becomesFinalWithTime() public {
        ObjectionId id = _published();
        _expectMoved(id, IObjections.ObjectionStatus.ANSWERED, "answer");
        answer(id, false);
        uint48 reviewUntil = uint48(block.timestamp + REVIEW);
        vm.assertEq(tables.objectionOf(id).reviewUntil, reviewUntil);
        _requireAgainst(1, false, 400);
        vm.warp(reviewUntil);
        _refuseAdvance(id, _wrongTime(id, reviewUntil));
        vm.warp(uint256(reviewUntil) + 1);
        bytes memory head = headOfReviewRequest(id);
        _refuse(
            abi.encodeCall(IObjections.requestReview, (id, "grounds", signTable(head, "provider"))),
            _wrongTime(id, reviewUntil)
        );
        _expectMoved(id, IObjections.ObjectionStatus.REJECTED, 0);
        vm.prank(address(0xbeef));
        tables.advanceObjection(id);
        _requireAgainst(0, false, 0);
        tables.finalizeLine(_proof, rangesOf(0));
    }

    function test_noAnswerInTime_goesIntoReview() public {
        ObjectionId id = _published();
        uint48 answerUntil = uint48(block.timestamp + ANSWER);
        vm.warp(answerUntil);
        _refuseAdvance(id, _wrongTime(id, answerUntil));
        vm.warp(uint256(answerUntil) + 1);
        _refuseAnswer(id, _wrongTime(id, answerUntil));
        _expectMoved(id, IObjections.ObjectionStatus.IN_REVIEW, 0);
        tables.advanceObjection(id);
        // silence never decides against the objector: however long nobody decides, the line waits
        vm.warp(block.timestamp + 900 days);
        _refuseAdvance(id, _wrongStatus(id, IObjections.ObjectionStatus.IN_REVIEW));
        _requireAgainst(1, false, 400);
        _expectMoved(id, IObjections.ObjectionStatus.UPHELD, "decision");
        tables.decideReview(id, true, "decision", signTable(headOfDecision(id, true), "arbitrator"));
        _requireAgainst(0, true, 0);
    }

    function test_answer_inTheLastSecond_counts() public {
        ObjectionId id = _published();
        vm.warp(block.timestamp + ANSWER);
        answer(id, true);
    }

    function test_review_isIndependentOfTableAndAnswer() public {
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V1);
        propose(proposal, "trading");
        tables.sign(proposal, signTable(headOfTable(proposal), "auditor"));
        publish(proposal, "trading");
        publish(proposal, "auditor");
        ObjectionId id = object(_proof, 400, "provider");
        bytes memory head = headOfAnswer(id, false);
        PartySignature memory second = signTable(head, "second auditor");
        tables.answerObjection(id, false, "answer", signTable(head, "trading"), second);
        tables.requestReview(id, "grounds", signTable(headOfReviewRequest(id), "provider"));
        string[2] memory involved = ["auditor", "second auditor"];
        for (uint256 i = 0; i < 2; ++i) {
            _refuse(
                abi.encodeCall(
                    IObjections.decideReview,
                    (id, false, "decision", signTable(headOfDecision(id, false), involved[i]))
                ),
                abi.encodeWithSelector(IObjections.ObjectionsReviewerNotIndependent.selector, idOf(involved[i]))
            );
        }
        tables.decideReview(id, false, "decision", signTable(headOfDecision(id, false), "arbitrator"));
        _requireAgainst(0, false, 0);
    }

    function test_acts_outOfTurn_areRefused() public {
        ObjectionId id = _published();
        bytes memory review = abi.encodeCall(
            IObjections.requestReview,
            (id, "grounds", signTable(headOfReviewRequest(id), "provider"))
        );
        bytes memory decision = abi.encodeCall(
            IObjections.decideReview,
            (id, false, "decision", signTable(headOfDecision(id, false), "auditor"))
        );
        _refuse(review, _wrongStatus(id, IObjections.ObjectionStatus.OPEN));
        _refuse(decision, _wrongStatus(id, IObjections.ObjectionStatus.OPEN));
        answer(id, false);
        _refuse(decision, _wrongStatus(id, IObjections.ObjectionStatus.ANSWERED));
        tables.withdrawObjection(id, "reason", signTable(headOfWithdrawal(id), "provider"));
        _requireAgainst(0, false, 0);
        _refuse(review, _wrongStatus(id, IObjections.ObjectionStatus.WITHDRAWN));
        _refuseAnswer(id, _wrongStatus(id, IObjections.ObjectionStatus.WITHDRAWN));
        _refuse(decision, _wrongStatus(id, IObjections.ObjectionStatus.WITHDRAWN));
        _refuseAdvance(id, _wrongStatus(id, IObjections.ObjectionStatus.WITHDRAWN));
        _refuse(
            abi.encodeCall(IObjections.withdrawObjection, (id, "reason", signTable(headOfWithdrawal(id), "provider"))),
            _wrongStatus(id, IObjections.ObjectionStatus.WITHDRAWN)
        );
    }

    function test_withdrawal_duringReview_freesTheLine() public {
        ObjectionId id = _published();
        answer(id, false);
        tables.requestReview(id, "grounds", signTable(headOfReviewRequest(id), "provider"));
        _expectMoved(id, IObjections.ObjectionStatus.WITHDRAWN, "reason");
        tables.withdrawObjection(id, "reason", signTable(headOfWithdrawal(id), "provider"));
        _requireAgainst(0, false, 0);
    }

    function test_unknownObjections_areRefused() public {
        ObjectionId id = ObjectionId.wrap("unknown");
        bytes memory refusal = abi.encodeWithSelector(IObjections.ObjectionsUnknownObjection.selector, id);
        _refuseAnswer(id, refusal);
        _refuseWithdrawal(id, refusal);
        _refuseAdvance(id, refusal);
        _refuse(
            abi.encodeCall(IObjections.requestReview, (id, "grounds", signTable(headOfReviewRequest(id), "provider"))),
            refusal
        );
        _refuse(
            abi.encodeCall(
                IObjections.decideReview,
                (id, true, "decision", signTable(headOfDecision(id, true), "auditor"))
            ),
            refusal
        );
    }

    function _published() private returns (ObjectionId) {
        publishedTable(TABLE_1, V1);
        return object(_proof, 400, "provider");
    }

    function _expectMoved(ObjectionId id, IObjections.ObjectionStatus status, bytes32 digest) private {
        vm.expectEmit(address(tables));
        emit IObjections.ObjectionMoved(id, status, digest);
    }

    function _refuseObject(LineProof memory proof, uint64 amount, bytes memory refusal) private {
        PartySignature memory party = signTable(headOfObjection(proof, amount), "provider");
        _refuse(abi.encodeCall(IObjections.object, (proof, amount, "grounds", party)), refusal);
    }

    function _refuseAnswer(ObjectionId id, bytes memory refusal) private {
        bytes memory head = headOfAnswer(id, false);
        (PartySignature memory first, PartySignature memory second) = (
            signTable(head, "trading"),
            signTable(head, "authorisation")
        );
        _refuse(abi.encodeCall(IObjections.answerObjection, (id, false, "answer", first, second)), refusal);
    }

    function _refuseWithdrawal(ObjectionId id, bytes memory refusal) private {
        PartySignature memory party = signTable(headOfWithdrawal(id), "provider");
        _refuse(abi.encodeCall(IObjections.withdrawObjection, (id, "reason", party)), refusal);
    }

    function _refuseAdvance(ObjectionId id, bytes memory refusal) private {
        _refuse(abi.encodeCall(IObjections.advanceObjection, (id)), refusal);
    }

    function _refuse(bytes memory call_, bytes memory refusal) private {
        (bool success, bytes memory answer_) = address(tables).call(call_);
        vm.assertFalse(success);
        vm.assertEq(answer_, refusal);
    }

    function _requireAgainst(uint16 pending, bool upheld, uint64 frozen) private view {
        (uint16 pending_, bool upheld_, uint64 frozen_) = tables.objectionsAgainst(_lineId, TABLE_1, V1);
        vm.assertTrue(pending_ == pending && upheld_ == upheld && frozen_ == frozen);
    }

    function _idOf(string memory name) private view returns (ObjectionId) {
        BodyId body = idOf(name);
        return
            ObjectionId.wrap(keccak256(abi.encode(keccak256("cityledger/v1/objection"), _lineId, TABLE_1, V1, body)));
    }

    function _windowClosed(uint48 windowEnds) private view returns (bytes memory) {
        return abi.encodeWithSelector(IObjections.ObjectionsWindowClosed.selector, _lineId, windowEnds);
    }

    function _wrongAmount(uint64 amount, uint64 maximum) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IObjections.ObjectionsWrongAmount.selector, amount, maximum);
    }

    function _wrongTime(ObjectionId id, uint48 limit) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IObjections.ObjectionsWrongTime.selector, id, limit);
    }

    function _wrongStatus(ObjectionId id, IObjections.ObjectionStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IObjections.ObjectionsWrongStatus.selector, id, status);
    }
}
