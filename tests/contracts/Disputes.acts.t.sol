// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {DisputeId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {CasesFixture} from "./helpers/Cases.sol";
import {PartiesFixture} from "./helpers/Parties.sol";
import {SignedActs} from "./helpers/SignedActs.sol";

/// @title Every signature that Disputes takes, against everything that it must refuse
contract DisputesActsTest is CasesFixture, SignedActs {
    bytes32 private constant _RULING = keccak256("ruling");
    uint256 private constant _EXTEND = 0;
    uint256 private constant _RULE = 1;
    uint256 private constant _SETTLE_PROVIDER = 2;
    uint256 private constant _SETTLE_CONSUMER = 3;
    uint256 private constant _WITHDRAW = 4;

    DisputeId private _disputeId;
    uint64 private _later;

    function setUp() public override(CasesFixture, PartiesFixture) {
        super.setUp();
        _disputeId = openCase("consumer", lineCase());
        _later = uint64(block.timestamp + 3 days);
    }

    function test_extendFreeze() public {
        checkAct(_EXTEND);
    }

    function test_resolve_byRuling() public {
        checkAct(_RULE);
    }

    function test_resolve_bySettlement_provider() public {
        checkAct(_SETTLE_PROVIDER);
    }

    function test_resolve_bySettlement_consumer() public {
        checkAct(_SETTLE_CONSUMER);
    }

    function test_withdraw_alsoWhileSuspended() public {
        checkAct(_WITHDRAW);
    }

    function callOf(uint256 number, PartySignature memory party) internal view override returns (bytes memory) {
        if (number == _EXTEND) {
            return abi.encodeCall(IDisputes.extendFreeze, (_disputeId, _later, 0, party));
        }
        if (number == _WITHDRAW) {
            return abi.encodeCall(IDisputes.withdraw, (_disputeId, keccak256("reason"), party));
        }
        PartySignature[] memory signers = new PartySignature[](number == _RULE ? 1 : 2);
        signers[0] = party;
        if (number == _SETTLE_PROVIDER) {
            signers[1] = business("consumer", actOf(number).head);
        }
        if (number == _SETTLE_CONSUMER) {
            signers[0] = business("provider", actOf(number).head);
            signers[1] = party;
        }
        return abi.encodeCall(IDisputes.resolve, (_disputeId, _RULING, 0, true, 900, signers));
    }

    function actOf(uint256 number) internal view override returns (Act memory act) {
        act.purpose = BUSINESS;
        act.signer = number == _SETTLE_PROVIDER ? "provider" : "consumer";
        if (number == _EXTEND || number == _RULE) {
            act.signer = "arbitrator";
            act.roles = BodyRoles.ARBITRATOR;
        }
        act.isDefence = number == _WITHDRAW;
        if (number == _EXTEND) {
            act.head = extensionHead(_disputeId, _later, 0);
            act.replayError = abi.encodeWithSelector(IDisputes.DisputesWrongNonce.selector, 1, 0);
            return act;
        }
        IDisputes.DisputeStatus status =
            number == _RULE ? IDisputes.DisputeStatus.RULED : IDisputes.DisputeStatus.SETTLED;
        act.head = rulingHead(_disputeId, _RULING, 0, true, 900);
        if (number == _WITHDRAW) {
            status = IDisputes.DisputeStatus.WITHDRAWN;
            act.head = withdrawalHead(_disputeId, keccak256("reason"));
        }
        act.replayError = abi.encodeWithSelector(IDisputes.DisputesWrongStatus.selector, _disputeId, status);
    }
}

/// @title Who may open a case, against everything that must be refused
contract DisputesOpenActsTest is CasesFixture, SignedActs {
    IDisputes.DisputeCase private _case;
    string private _opener;
    bool private _isDefence;

    function setUp() public override(CasesFixture, PartiesFixture) {
        super.setUp();
        _case = lineCase();
    }

    function test_open_byTheProvider_alsoWhileSuspended() public {
        _checkOpener("provider", true);
    }

    function test_open_byTheConsumer_alsoWhileSuspended() public {
        _checkOpener("consumer", true);
    }

    function test_open_byARecipient_alsoWhileSuspended() public {
        _checkOpener("platform", true);
    }

    function test_open_byTheRegulator() public {
        _checkOpener("regulator", false);
    }

    function callOf(uint256, PartySignature memory party) internal view override returns (bytes memory) {
        return _call(party);
    }

    function actOf(uint256) internal view override returns (Act memory act) {
        act.head = caseHead(_case);
        act.signer = _opener;
        act.purpose = BUSINESS;
        act.isDefence = _isDefence;
        act.replayError = abi.encodeWithSelector(IDisputes.DisputesWrongNonce.selector, 1, 0);
    }

    /// @dev A stranger is refused as not concerned, before its signature is looked at.
    function _checkOpener(string memory opener, bool isDefence) private {
        PartySignature memory party = business("stranger", caseHead(_case));
        requireRefused(_call(party), abi.encodeWithSelector(IDisputes.DisputesNotConcerned.selector, idOf("stranger")));
        _opener = opener;
        _isDefence = isDefence;
        checkSigner(0);
    }

    function _call(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(IDisputes.open, (_case, proof, party));
    }
}
