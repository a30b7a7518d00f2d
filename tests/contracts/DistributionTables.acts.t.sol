// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../../contracts/interfaces/IDistributionTables.sol";
import {IObjections} from "../../contracts/interfaces/IObjections.sol";
import {BodyId, ObjectionId, TableId, TableVersion} from "../../contracts/types/Ids.sol";
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
        bytes memory again = _wrongStatus(IDistributionTables.VersionStatus.PROPOSED);
        checkAct(_act("DistributionTables.propose.proposer", headOfTable(_proposal), "trading", _propose, again));
    }

    function test_sign() public {
        propose(_proposal, "trading");
        bytes memory again = _wrongStatus(IDistributionTables.VersionStatus.SIGNED);
        checkAct(_act("DistributionTables.sign.authorisation", headOfTable(_proposal), "authorisation", _sign, again));
    }

    function test_sign_ofWhatTheAuthorisationPlatformProposed() public {
        TableId table = TableId.wrap(3);
        openTable(table, "authorisation");
        bookLine(usageLine(table, V1, 3, 1000), true);
        _checkSignature(table, "authorisation", "DistributionTables.sign.trading", "trading");
    }

    function test_sign_withoutPublicData() public {
        TableId table = TableId.wrap(3);
        openTable(table, "trading");
        bookLine(usageLine(table, V1, 3, 1000), false);
        _checkSignature(table, "trading", "DistributionTables.sign.notPublic", "auditor");
    }

    function test_sign_ofWhatTheAuthorisationPlatformProposed_withoutPublicData() public {
        TableId table = TableId.wrap(3);
        openTable(table, "authorisation");
        bookLine(usageLine(table, V1, 3, 1000), false);
        _checkSignature(table, "authorisation", "DistributionTables.sign.notPublicTrading", "auditor");
    }

    function test_recordPublication_byTheProposer() public {
        signedTable(TABLE_1, V1);
        bytes memory head = headOfPublication(_proposal);
        checkAct(
            _act(
                "DistributionTables.recordPublication.proposer",
                head,
                "trading",
                _publish,
                _wrongPublisher(idOf("trading"))
            )
        );
    }

    function test_recordPublication_byTheSecondSigner() public {
        signedTable(TABLE_1, V1);
        bytes memory again = _wrongPublisher(idOf("authorisation"));
        checkAct(
            _act(
                "DistributionTables.recordPublication.second",
                headOfPublication(_proposal),
                "authorisation",
                _publish,
                again
            )
        );
    }

    function test_object() public {
        publishedTable(TABLE_1, V1);
        string[3] memory affected = ["provider", "consumer", "holder"];
        string[3] memory rows = [
            "DistributionTables.object.provider",
            "DistributionTables.object.consumer",
            "DistributionTables.object.recipient"
        ];
        for (uint256 i = 0; i < affected.length; ++i) {
            bytes32 objectionId = keccak256(
                abi.encode(keccak256("cityledger/v1/objection"), lineIdOf(_proof.line), TABLE_1, V1, idOf(affected[i]))
            );
            bytes memory again = abi.encodeWithSelector(IObjections.ObjectionsAlreadyFiled.selector, objectionId);
            checkAct(_act(rows[i], headOfObjection(_proof, 400), affected[i], _object, again));
        }
    }

    function test_answerObjection_byTheProposer() public {
        _objected();
        _other = signTable(headOfAnswer(_objectionId, false), "authorisation");
        bytes memory again = _wrongObjection(IObjections.ObjectionStatus.ANSWERED);
        checkAct(
            _act(
                "DistributionTables.answerObjection.proposer",
                headOfAnswer(_objectionId, false),
                "trading",
                _answer,
                again
            )
        );
    }

    function test_answerObjection_byTheSecond() public {
        _objected();
        bytes memory head = headOfAnswer(_objectionId, false);
        bytes memory again = _wrongObjection(IObjections.ObjectionStatus.ANSWERED);
        checkAct(_act("DistributionTables.answerObjection.second", head, "authorisation", _answerAsSecond, again));
    }

    function test_requestReview() public {
        _objected();
        answer(_objectionId, false);
        bytes memory again = _wrongObjection(IObjections.ObjectionStatus.IN_REVIEW);
        checkAct(
            _act(
                "DistributionTables.requestReview.objector",
                headOfReviewRequest(_objectionId),
                "provider",
                _requestReview,
                again
            )
        );
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
            bytes memory again = _wrongObjection(IObjections.ObjectionStatus.REJECTED);
            checkAct(
                _act(
                    "DistributionTables.decideReview.reviewer",
                    headOfDecision(_objectionId, false),
                    reviewers[i],
                    _decide,
                    again
                )
            );
        }
    }

    function test_withdrawObjection() public {
        _objected();
        bytes memory again = _wrongObjection(IObjections.ObjectionStatus.WITHDRAWN);
        checkAct(
            _act(
                "DistributionTables.withdrawObjection.objector",
                headOfWithdrawal(_objectionId),
                "provider",
                _withdraw,
                again
            )
        );
    }

    /// @dev Publishing and objecting are of certain bodies, and whoever is none of them is told so.
    function refusalOf(
        Act memory act,
        Signer memory signer,
        BodyId body
    ) internal view override returns (bytes memory) {
        bytes4 called = bytes4(act.callOf(_other));
        if (called == IDistributionTables.recordPublication.selector) {
            return _wrongPublisher(body);
        }
        if (called == IObjections.object.selector) {
            return abi.encodeWithSelector(IObjections.ObjectionsNotAffected.selector, body);
        }
        return super.refusalOf(act, signer, body);
    }

    /// @dev The proposer's role says whose answer counts beside its own; a platform has one role for ever.
    function isOfAnyRole(Act memory act) internal pure override returns (bool) {
        return keccak256(bytes(act.row)) != keccak256("DistributionTables.answerObjection.proposer");
    }

    function _checkSignature(TableId table, string memory proposer, string memory row, string memory signer) private {
        _proposal = proposalOf(table, V1);
        propose(_proposal, proposer);
        IDistributionTables.VersionStatus signed = IDistributionTables.VersionStatus.SIGNED;
        bytes4 wrongStatus = IDistributionTables.DistributionTablesWrongStatus.selector;
        bytes memory again = abi.encodeWithSelector(wrongStatus, table, V1, signed);
        checkAct(_act(row, headOfTable(_proposal), signer, _sign, again));
    }

    function _objected() private {
        publishedTable(TABLE_1, V1);
        _objectionId = object(_proof, 400, "provider");
    }

    function _act(
        string memory row,
        bytes memory head,
        string memory signer,
        function(PartySignature memory) internal view returns (bytes memory) callOf,
        bytes memory replayError
    ) private view returns (Act memory) {
        return Act(row, TABLES, address(tables), head, signer, callOf, replayError);
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

    function _wrongPublisher(BodyId body) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDistributionTables.DistributionTablesWrongPublisher.selector, body);
    }

    function _wrongObjection(IObjections.ObjectionStatus status) private view returns (bytes memory) {
        return abi.encodeWithSelector(IObjections.ObjectionsWrongStatus.selector, _objectionId, status);
    }
}
