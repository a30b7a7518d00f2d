// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../../contracts/interfaces/IDistributionTables.sol";
import {IObjections} from "../../contracts/interfaces/IObjections.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {ObjectionId, TableVersion} from "../../contracts/types/Ids.sol";
import {LineProof} from "../../contracts/types/Lines.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {SignedActs} from "./behaviours/SignedActs.sol";
import {PartiesFixture} from "./helpers/Parties.sol";
import {SettlementFixture} from "./helpers/Settlement.sol";

/// @title Every signed act of `DistributionTables`: wrong role, signature, chain, time, standing, and replay
contract DistributionTablesActsTest is SettlementFixture, SignedActs {
    LineProof private _proof;
    IDistributionTables.Proposal private _proposal;
    ObjectionId private _objectionId;
    PartySignature private _other;

    function setUp() public override(PartiesFixture, SettlementFixture) {
        SettlementFixture.setUp();
        _proof = usageLine(TABLE_1, V1, 0, 1000);
        bookLine(_proof, true);
        _proposal = proposalOf(TABLE_1, V1);
    }

    function test_propose() public {
        Act memory act = _act(headOfTable(_proposal), "trading", false, wrongSigner("trading", "stranger"));
        checkAct(act, _propose, _wrongStatus(IDistributionTables.VersionStatus.PROPOSED));
    }

    function test_sign() public {
        propose(_proposal, "trading");
        bytes memory refusal = missingRole("stranger", BodyRoles.AUTHORISATION_PLATFORM);
        Act memory act = _act(headOfTable(_proposal), "authorisation", false, refusal);
        checkAct(act, _sign, _wrongStatus(IDistributionTables.VersionStatus.SIGNED));
    }

    function test_sign_withPublicData_takesNobodyButTheOtherPlatform() public {
        propose(_proposal, "trading");
        string[6] memory others = ["trading", "auditor", "regulator", "operator", "provider", "bank"];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory call_ = _sign(signTable(headOfTable(_proposal), others[i]));
            requireRefused(address(tables), call_, missingRole(others[i], BodyRoles.AUTHORISATION_PLATFORM));
        }
    }

    function test_recordPublication_byTheProposer() public {
        signedTable(TABLE_1, V1);
        Act memory act = _act(headOfPublication(_proposal), "trading", false, _wrongPublisher("stranger"));
        checkAct(act, _publish, _wrongPublisher("trading"));
    }

    function test_recordPublication_byTheSecondSigner() public {
        signedTable(TABLE_1, V1);
        Act memory act = _act(headOfPublication(_proposal), "authorisation", false, _wrongPublisher("auditor"));
        act.stranger = "auditor";
        checkAct(act, _publish, _wrongPublisher("authorisation"));
    }

    function test_object() public {
        publishedTable(TABLE_1, V1);
        string[3] memory affected = ["provider", "consumer", "holder"];
        for (uint256 i = 0; i < affected.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(IObjections.ObjectionsNotAffected.selector, idOf("stranger"));
            Act memory act = _act(headOfObjection(_proof, 400), affected[i], true, refusal);
            bytes32 objectionId = keccak256(
                abi.encode(keccak256("cityledger/v1/objection"), lineIdOf(_proof.line), TABLE_1, V1, idOf(affected[i]))
            );
            checkAct(act, _object, abi.encodeWithSelector(IObjections.ObjectionsAlreadyFiled.selector, objectionId));
        }
    }

    function test_answerObjection_byTheProposer() public {
        _objected();
        _other = signTable(headOfAnswer(_objectionId, false), "authorisation");
        bytes memory head = headOfAnswer(_objectionId, false);
        Act memory act = _act(head, "trading", false, wrongSigner("trading", "stranger"));
        checkAct(act, _answer, _wrongObjection(IObjections.ObjectionStatus.ANSWERED));
    }

    function test_answerObjection_byTheSecond() public {
        _objected();
        _other = signTable(headOfAnswer(_objectionId, false), "trading");
        bytes memory refusal = missingRole("stranger", BodyRoles.AUTHORISATION_PLATFORM);
        Act memory act = _act(headOfAnswer(_objectionId, false), "authorisation", false, refusal);
        checkRefusals(act, _answerAsSecond);
        (bool success, ) = address(tables).call(_answerAsSecond(signTable(act.head, "authorisation")));
        vm.assertTrue(success);
    }

    function test_requestReview() public {
        _objected();
        answer(_objectionId, false);
        Act memory act = _act(headOfReviewRequest(_objectionId), "provider", true, wrongSigner("provider", "stranger"));
        checkAct(act, _requestReview, _wrongObjection(IObjections.ObjectionStatus.IN_REVIEW));
    }

    function test_decideReview() public {
        string[2] memory reviewers = ["auditor", "arbitrator"];
        for (uint256 i = 0; i < 2; ++i) {
            if (i == 0) {
                _objected();
            } else {
                _objectionId = object(_proof, 1, "consumer");
            }
            answer(_objectionId, false);
            string memory objector = i == 0 ? "provider" : "consumer";
            tables.requestReview(_objectionId, "grounds", signTable(headOfReviewRequest(_objectionId), objector));
            bytes memory refusal = missingRole("stranger", BodyRoles.AUDITOR | BodyRoles.ARBITRATOR);
            Act memory act = _act(headOfDecision(_objectionId, false), reviewers[i], false, refusal);
            checkAct(act, _decide, _wrongObjection(IObjections.ObjectionStatus.REJECTED));
        }
    }

    function test_withdrawObjection() public {
        _objected();
        Act memory act = _act(headOfWithdrawal(_objectionId), "provider", true, wrongSigner("provider", "stranger"));
        checkAct(act, _withdraw, _wrongObjection(IObjections.ObjectionStatus.WITHDRAWN));
    }

    function _objected() private {
        publishedTable(TABLE_1, V1);
        _objectionId = object(_proof, 400, "provider");
    }

    function _act(
        bytes memory head,
        string memory signer,
        bool isDefence,
        bytes memory strangersError
    ) private view returns (Act memory) {
        return Act(TABLES, address(tables), head, signer, BUSINESS, isDefence, "stranger", strangersError);
    }

    function _propose(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(IDistributionTables.propose, (_proposal, party));
    }

    function _sign(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(IDistributionTables.sign, (_proposal, party));
    }

    function _publish(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(IDistributionTables.recordPublication, (_proposal, "publication", party));
    }

    function _object(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(IObjections.object, (_proof, 400, "grounds", party));
    }

    function _answer(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(IObjections.answerObjection, (_objectionId, false, "answer", party, _other));
    }

    function _answerAsSecond(PartySignature memory party) private view returns (bytes memory) {
        // the proposer's signature is good on the chain of the call, so that only the second one is tried
        PartySignature memory proposer = signTable(headOfAnswer(_objectionId, false), "trading");
        return abi.encodeCall(IObjections.answerObjection, (_objectionId, false, "answer", proposer, party));
    }

    function _requestReview(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(IObjections.requestReview, (_objectionId, "grounds", party));
    }

    function _decide(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(IObjections.decideReview, (_objectionId, false, "decision", party));
    }

    function _withdraw(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(IObjections.withdrawObjection, (_objectionId, "reason", party));
    }

    function _wrongStatus(IDistributionTables.VersionStatus status) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IDistributionTables.DistributionTablesWrongStatus.selector,
                TABLE_1,
                TableVersion.wrap(1),
                status
            );
    }

    function _wrongPublisher(string memory name) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDistributionTables.DistributionTablesWrongPublisher.selector, idOf(name));
    }

    function _wrongObjection(IObjections.ObjectionStatus status) private view returns (bytes memory) {
        return abi.encodeWithSelector(IObjections.ObjectionsWrongStatus.selector, _objectionId, status);
    }
}
