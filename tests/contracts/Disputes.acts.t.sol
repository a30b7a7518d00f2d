// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {BodyId, DisputeId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {SignedActs} from "./behaviours/SignedActs.sol";
import {CasesFixture} from "./helpers/Cases.sol";
import {PartiesFixture} from "./helpers/Parties.sol";

/// @title Every signature that Disputes takes, against everything that it must refuse
contract DisputesActsTest is CasesFixture, SignedActs {
    bytes32 private constant _RULING = keccak256("ruling");
    bytes32 private constant _REASON = keccak256("reason");

    DisputeId private _disputeId;
    uint64 private _later;

    function setUp() public override(CasesFixture, PartiesFixture) {
        super.setUp();
        _disputeId = openCase("consumer", lineCase());
        _later = uint64(block.timestamp + 3 days);
    }

    function test_extendFreeze() public {
        bytes memory again = abi.encodeWithSelector(IDisputes.DisputesWrongNonce.selector, 1, 0);
        bytes memory head = extensionHead(_disputeId, _later, 0);
        checkAct(_act("Disputes.extendFreeze.arbitrator", head, "arbitrator", _extend, again));
    }

    function test_resolve_byRuling() public {
        bytes memory again = _wrongStatus(IDisputes.DisputeStatus.RULED);
        checkAct(_act("Disputes.resolve.arbitrator", _rulingHead(), "arbitrator", _rule, again));
    }

    function test_resolve_bySettlement_provider() public {
        bytes memory again = _wrongStatus(IDisputes.DisputeStatus.SETTLED);
        checkAct(_act("Disputes.resolve.provider", _rulingHead(), "provider", _settleByProvider, again));
    }

    function test_resolve_bySettlement_consumer() public {
        bytes memory again = _wrongStatus(IDisputes.DisputeStatus.SETTLED);
        checkAct(_act("Disputes.resolve.consumer", _rulingHead(), "consumer", _settleByConsumer, again));
    }

    function test_resolve_bySettlement_ofAnothersCase() public {
        _disputeId = openCase("platform", lineCase());
        bytes memory again = _wrongStatus(IDisputes.DisputeStatus.SETTLED);
        checkAct(_act("Disputes.resolve.opener", _rulingHead(), "platform", _settleByOpener, again));
    }

    function test_withdraw() public {
        bytes memory head = withdrawalHead(_disputeId, _REASON);
        bytes memory again = _wrongStatus(IDisputes.DisputeStatus.WITHDRAWN);
        checkAct(_act("Disputes.withdraw.opener", head, "consumer", _withdraw, again));
    }

    function _act(
        string memory row,
        bytes memory head,
        string memory signer,
        function(PartySignature memory) internal view returns (bytes memory) callOf,
        bytes memory replayError
    ) private view returns (Act memory) {
        return Act(row, DISPUTES_DOMAIN, target, head, signer, callOf, replayError);
    }

    function _extend(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(IDisputes.extendFreeze, (_disputeId, _later, 0, party));
    }

    function _rule(PartySignature memory party) private view returns (bytes memory) {
        PartySignature[] memory signers = new PartySignature[](1);
        signers[0] = party;
        return _resolution(signers);
    }

    function _settleByProvider(PartySignature memory party) private view returns (bytes memory) {
        return _settlement(party, business("consumer", _rulingHead()));
    }

    function _settleByConsumer(PartySignature memory party) private view returns (bytes memory) {
        return _settlement(business("provider", _rulingHead()), party);
    }

    function _settleByOpener(PartySignature memory party) private view returns (bytes memory) {
        PartySignature[] memory signers = new PartySignature[](3);
        signers[0] = business("provider", _rulingHead());
        signers[1] = business("consumer", _rulingHead());
        signers[2] = party;
        return _resolution(signers);
    }

    function _settlement(
        PartySignature memory provider,
        PartySignature memory consumer
    ) private view returns (bytes memory) {
        PartySignature[] memory signers = new PartySignature[](2);
        (signers[0], signers[1]) = (provider, consumer);
        return _resolution(signers);
    }

    function _resolution(PartySignature[] memory signers) private view returns (bytes memory) {
        return abi.encodeCall(IDisputes.resolve, (_disputeId, _RULING, 0, true, 1000, 900, signers));
    }

    function _withdraw(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(IDisputes.withdraw, (_disputeId, _REASON, party));
    }

    function _rulingHead() private view returns (bytes memory) {
        return rulingHead(_disputeId, _RULING, 0, true, 1000, 900);
    }

    function _wrongStatus(IDisputes.DisputeStatus status) private view returns (bytes memory) {
        return abi.encodeWithSelector(IDisputes.DisputesWrongStatus.selector, _disputeId, status);
    }
}

/// @title Who may open a case, against everything that must be refused
contract DisputesOpenActsTest is CasesFixture, SignedActs {
    IDisputes.DisputeCase private _case;

    function setUp() public override(CasesFixture, PartiesFixture) {
        super.setUp();
        _case = lineCase();
        _case.nonce = 0;
    }

    function test_open_byTheProvider() public {
        _checkOpener("Disputes.open.provider", "provider");
    }

    function test_open_byTheConsumer() public {
        _checkOpener("Disputes.open.consumer", "consumer");
    }

    function test_open_byARecipient() public {
        _checkOpener("Disputes.open.recipient", "platform");
    }

    function test_open_byTheRegulator() public {
        _checkOpener("Disputes.open.regulator", "regulator");
    }

    /// @dev Whoever is not concerned is told so, before its signature is looked at.
    function refusalOf(Act memory, Signer memory, BodyId body) internal pure override returns (bytes memory) {
        return abi.encodeWithSelector(IDisputes.DisputesNotConcerned.selector, body);
    }

    function _checkOpener(string memory row, string memory opener) private {
        bytes memory again = abi.encodeWithSelector(IDisputes.DisputesWrongNonce.selector, 1, 0);
        checkAct(Act(row, DISPUTES_DOMAIN, target, caseHead(_case), opener, _call, again));
    }

    function _call(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(IDisputes.open, (_case, proof, party));
    }
}
