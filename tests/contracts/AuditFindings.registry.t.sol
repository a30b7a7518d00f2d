// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {KeyGrant, PartySignature} from "../../contracts/types/Parties.sol";
import {RegistryFixture} from "./helpers/Registry.sol";
import {TradeFixture} from "./helpers/Trade.sol";

/// @title What an audit found in the registry, each as the attack that no longer works
contract RegistryAuditTest is RegistryFixture {
    bytes32 private constant _R = keccak256("reason");

    function test_thiefOfASuspendedBody_cannotEndIt() public {
        BodyId body = join("body", BodyRoles.PROVIDER);
        participants.suspendReserved(body, _R);
        bytes memory head = headOfStanding("Departure", body, _R, 0);
        PartySignature memory thief = signed(head, "body", BUSINESS);
        PartySignature memory operator = signed(head, "operator", BUSINESS);
        vm.expectRevert(
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryWrongStatus.selector,
                body,
                IParticipantRegistry.BodyStatus.SUSPENDED
            )
        );
        participants.depart(body, _R, 0, thief, operator);
        participants.reinstateReserved(body, _R);
        vm.assertTrue(participants.isInGoodStanding(body));
    }

    function test_thiefOfABodysKey_cannotEndItAlone() public {
        BodyId body = join("body", BodyRoles.PROVIDER);
        bytes memory head = headOfStanding("Departure", body, _R, 0);
        PartySignature memory thief = signed(head, "body", BUSINESS);
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryOwnCountersignature.selector, body)
        );
        participants.depart(body, _R, 0, thief, thief);
        join("puppet", BodyRoles.PROVIDER);
        PartySignature memory puppet = signed(head, "puppet", BUSINESS);
        vm.expectRevert(
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryMissingRole.selector,
                puppet.signer,
                BodyRoles.PROVIDER,
                BodyRoles.OPERATOR | BodyRoles.REGULATOR
            )
        );
        participants.depart(body, _R, 0, thief, puppet);
        // nobody is captive: what the operator will not sign, the regulator may
        participants.depart(body, _R, 0, thief, signed(head, "regulator", BUSINESS));
        vm.assertFalse(participants.isMember(body));
    }

    function test_thiefOfABody_cannotSpoilItsRecovery() public {
        BodyId body = join("body", BodyRoles.PROVIDER);
        KeyGrant memory grant = KeyGrant(vm.addr(1), BUSINESS);
        address[] memory stolen = new address[](1);
        stolen[0] = vm.addr(keyOf("body", BUSINESS));
        PartySignature memory possession = possessionBy(1, body, headOfKeyRecovery(body, grant, 0));
        // while the council's act waits, the thief relays what the new key signed as an addition of its own
        bytes memory head = headOfKeyAddition(body, grant, 0);
        PartySignature memory thief = signed(head, "body", BUSINESS);
        bytes32 digest = digestOf(head, possession);
        vm.expectRevert(
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryInvalidSignature.selector,
                body,
                grant.key,
                digest
            )
        );
        participants.addKey(body, grant, 0, thief, possession);
        // suspended, it revokes the very key that the council is about to revoke: revision and key have changed
        participants.suspendReserved(body, _R);
        thief = signed(headOfKeyRevocation(body, stolen[0], _R, 0), "body", BUSINESS);
        participants.revokeKey(body, stolen[0], _R, 0, thief);
        participants.recoverKey(body, stolen, grant, _R, possession);
        vm.assertEq(participants.keyOf(body, grant.key).purposes, BUSINESS);
        vm.assertTrue(participants.keyOf(body, stolen[0]).validUntil != 0);
    }

    function test_councilsEmergencySuspension_isNotTheRegulatorsToEnd() public {
        BodyId body = join("puppet", BodyRoles.PROVIDER);
        participants.suspendReserved(body, _R);
        PartySignature memory regulator = signed(headOfStanding("Reinstatement", body, _R, 0), "regulator", BUSINESS);
        vm.expectRevert(_suspendedByOther(body, IParticipantRegistry.Suspender.COUNCIL));
        participants.reinstate(body, _R, 0, regulator);
    }

    function _suspendedByOther(BodyId id, IParticipantRegistry.Suspender by) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistrySuspendedByOther.selector, id, by);
    }

    function test_operatorsSuspension_isTakenOverByTheRegulator() public {
        BodyId body = join("puppet", BodyRoles.PROVIDER);
        participants.suspend(body, _R, 0, signed(headOfStanding("Suspension", body, _R, 0), "operator", BUSINESS));
        PartySignature memory regulator = signed(headOfStanding("Suspension", body, _R, 0), "regulator", BUSINESS);
        participants.suspend(body, _R, 0, regulator);
        PartySignature memory operator = signed(headOfStanding("Reinstatement", body, _R, 1), "operator", BUSINESS);
        vm.expectRevert(_suspendedByOther(body, IParticipantRegistry.Suspender.REGULATOR));
        participants.reinstate(body, _R, 1, operator);
    }

    function test_operatorsSuspension_isTakenOverByTheCouncil() public {
        BodyId body = join("puppet", BodyRoles.PROVIDER);
        participants.suspend(body, _R, 0, signed(headOfStanding("Suspension", body, _R, 0), "operator", BUSINESS));
        participants.suspendReserved(body, _R);
        vm.assertTrue(participants.bodyOf(body).suspendedBy == IParticipantRegistry.Suspender.COUNCIL);
        vm.expectRevert(
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryWrongStatus.selector,
                body,
                IParticipantRegistry.BodyStatus.SUSPENDED
            )
        );
        participants.suspendReserved(body, _R);
    }
}

/// @title What an audit found in products, as the attack that no longer works
contract ProductsAuditTest is TradeFixture {
    function test_reviewAndFiling_ofAnotherVersionUnderTheSameId_fitNotThisOne() public {
        IProductRegistry.ProductVersion memory honest = productOf("a", 1, 400_000);
        PartySignature memory trading = signP(headOfReview(honest, true), "trading");
        PartySignature memory authorisation = signP(headOfReview(honest, true), "authorisation");
        // same id, version, content, but another provider and price: registered first by one who saw the honest one
        IProductRegistry.ProductVersion memory copied = honest;
        copied.provider = idOf("both");
        copied.unitPrice = 9_999;
        products.register(copied, signP(headOfVersion(copied), "both"));
        bytes32 digest = actDigest(
            "CityLedger ProductRegistry",
            address(products),
            headOfReview(copied, true),
            trading
        );
        vm.expectRevert(_invalid(trading, digest));
        products.review(copied.productId, 1, true, REVIEW, two(trading, authorisation));
        review(copied, true);
        PartySignature memory price = signP(headOfProductFiling(productOf("a", 1, 400_000), 300), "price");
        digest = actDigest("CityLedger ProductRegistry", address(products), headOfProductFiling(copied, 300), price);
        vm.expectRevert(_invalid(price, digest));
        products.file(copied.productId, 1, FILING, 300, price);
    }

    function _invalid(PartySignature memory signature, bytes32 digest) private pure returns (bytes memory) {
        bytes4 invalid = IParticipantRegistry.ParticipantRegistryInvalidSignature.selector;
        return abi.encodeWithSelector(invalid, signature.signer, signature.key, digest);
    }
}
