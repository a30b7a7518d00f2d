// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IPartyActs} from "../../contracts/interfaces/IPartyActs.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId, DisputeId} from "../../contracts/types/Ids.sol";
import {KeyGrant, PartySignature} from "../../contracts/types/Parties.sol";
import {CasesFixture} from "./helpers/Cases.sol";
import {RegistryFixture} from "./helpers/Registry.sol";
import {TradeFixture} from "./helpers/Trade.sol";

/// @title What a later audit found in disputes, each as the attack that no longer works
contract DisputesLaterAuditTest is CasesFixture {
    bytes32 private constant _R = keccak256("ruling");

    function test_regulatorsFreeze_isNotThePartiesToSettle() public {
        DisputeId id = openCase("regulator", lineCase());
        bytes memory head = rulingHead(id, _R, 0, false, 0, 0);
        _refuseResolution(id, settledBy("provider", "consumer", head), _wrongNumber(2));
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), AMOUNT);
        PartySignature[] memory three = _three(head, "platform");
        _refuseResolution(id, three, _wrongSigner("regulator", "platform"));
        disputes.resolve(id, _R, 0, false, 0, 0, _three(head, "regulator"));
        vm.assertTrue(disputes.disputeOf(id).status == IDisputes.DisputeStatus.SETTLED);
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), 0);
    }

    function test_recipientsCase_isNotThePartiesToSettle() public {
        DisputeId id = openCase("platform", lineCase());
        bytes memory head = rulingHead(id, _R, 0, true, 1000, 900);
        PartySignature[] memory both = settledBy("provider", "consumer", head);
        requireRefused(
            abi.encodeCall(IDisputes.resolve, (id, _R, 0, true, 1000, 900, both)),
            abi.encodeWithSelector(IDisputes.DisputesResolutionSignatures.selector, 2)
        );
        // what an arbitrator rules needs nobody else
        disputes.resolve(id, _R, 0, true, 1000, 900, ruledBy("arbitrator", head));
    }

    function test_casesOfTheParties_areSettledByTheTwo() public {
        string[2] memory openers = ["provider", "consumer"];
        for (uint256 i = 0; i < openers.length; ++i) {
            DisputeId id = openCase(openers[i], agreementCase());
            bytes memory head = rulingHead(id, _R, 0, false, 0, 0);
            _refuseResolution(id, _three(head, openers[i]), _wrongNumber(3));
            disputes.resolve(id, _R, 0, false, 0, 0, settledBy("provider", "consumer", head));
            vm.assertTrue(disputes.disputeOf(id).status == IDisputes.DisputeStatus.SETTLED);
        }
    }

    function test_thiefOfASuspendedOpener_cannotWithdrawItsCase() public {
        DisputeId id = openCase("consumer", lineCase());
        suspend("consumer");
        PartySignature memory thief = business("consumer", withdrawalHead(id, 0));
        requireRefused(
            abi.encodeCall(IDisputes.withdraw, (id, 0, thief)),
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryWrongStatus.selector,
                idOf("consumer"),
                IParticipantRegistry.BodyStatus.SUSPENDED
            )
        );
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), AMOUNT);
    }

    /// @notice The table with the correction may take longer than the review date that the ruling found.
    function test_freezeOfARulingThatCorrects_isStillExtended() public {
        DisputeId id = openCase("provider", lineCase());
        disputes.resolve(id, _R, 0, true, 1000, 900, ruledBy("arbitrator", rulingHead(id, _R, 0, true, 1000, 900)));
        uint64 later = disputes.disputeOf(id).reviewAt + 5 days;
        disputes.extendFreeze(id, later, 0, business("arbitrator", extensionHead(id, later, 0)));
        vm.warp(later - 1);
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), AMOUNT);
        vm.warp(later);
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), 0);
        // what was settled and corrects is held the same way; what a ruling leaves alone is over
        vm.warp(1_800_000_000);
        id = openCase("consumer", lineCase());
        bytes memory head = rulingHead(id, _R, 0, true, 1000, 900);
        disputes.resolve(id, _R, 0, true, 1000, 900, settledBy("provider", "consumer", head));
        disputes.extendFreeze(id, later, 0, business("arbitrator", extensionHead(id, later, 0)));
        vm.assertEq(disputes.disputeOf(id).reviewAt, later);
        id = openCase("platform", lineCase());
        disputes.resolve(id, _R, 0, false, 0, 0, ruledBy("arbitrator", rulingHead(id, _R, 0, false, 0, 0)));
        requireRefused(
            abi.encodeCall(IDisputes.extendFreeze, (id, later, 0, business("arbitrator", extensionHead(id, later, 0)))),
            abi.encodeWithSelector(IDisputes.DisputesWrongStatus.selector, id, IDisputes.DisputeStatus.RULED)
        );
    }

    /// @notice Whatever came before it, what is resolved is extended once more, by whichever arbitrator.
    function test_freezeOfWhatIsResolved_isExtendedOnce() public {
        admit("second arbitrator", BodyRoles.ARBITRATOR);
        DisputeId id = openCase("provider", lineCase());
        uint64 reviewAt = disputes.disputeOf(id).reviewAt;
        for (uint256 i = 0; i < 3; ++i) {
            reviewAt += 24 hours;
            disputes.extendFreeze(id, reviewAt, i, business("arbitrator", extensionHead(id, reviewAt, i)));
        }
        disputes.resolve(id, _R, 0, true, 1000, 900, ruledBy("arbitrator", rulingHead(id, _R, 0, true, 1000, 900)));
        reviewAt += 24 hours;
        disputes.extendFreeze(id, reviewAt, 3, business("arbitrator", extensionHead(id, reviewAt, 3)));
        string[2] memory arbitrators = ["arbitrator", "second arbitrator"];
        for (uint256 i = 0; i < 2; ++i) {
            PartySignature memory again = business(arbitrators[i], extensionHead(id, reviewAt + 1 days, 4));
            requireRefused(
                abi.encodeCall(IDisputes.extendFreeze, (id, reviewAt + 1 days, 4, again)),
                abi.encodeWithSelector(IDisputes.DisputesExtendedAlready.selector, id)
            );
        }
        vm.warp(reviewAt);
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), 0);
    }

    /// @notice Each case with what it freezes now, also those that freeze nothing any more.
    function test_freezesOf_namesEveryCaseAndWhatItFreezesNow() public {
        (DisputeId[] memory ids, uint64[] memory amounts) = disputes.freezesOf(lineId(), idOf("holder"));
        vm.assertEq(ids.length + amounts.length, 0);
        DisputeId first = openCase("provider", lineCase());
        IDisputes.DisputeCase memory greater = lineCase();
        greater.frozenAmount = AMOUNT + 1;
        DisputeId second = openCase("consumer", greater);
        disputes.withdraw(first, 0, business("provider", withdrawalHead(first, 0)));
        (ids, amounts) = disputes.freezesOf(lineId(), idOf("holder"));
        vm.assertEq(ids.length, 2);
        vm.assertEq(DisputeId.unwrap(ids[0]), DisputeId.unwrap(first));
        vm.assertEq(DisputeId.unwrap(ids[1]), DisputeId.unwrap(second));
        vm.assertEq(amounts[0], 0);
        vm.assertEq(amounts[1], AMOUNT + 1);
        vm.warp(greater.reviewAt);
        (ids, amounts) = disputes.freezesOf(lineId(), idOf("holder"));
        vm.assertEq(amounts[1], 0);
    }

    function _refuseResolution(DisputeId id, PartySignature[] memory signers, bytes memory expected) private {
        requireRefused(abi.encodeCall(IDisputes.resolve, (id, _R, 0, false, 0, 0, signers)), expected);
    }

    function _three(bytes memory head, string memory opener) private view returns (PartySignature[] memory signers) {
        signers = new PartySignature[](3);
        signers[0] = business("provider", head);
        signers[1] = business("consumer", head);
        signers[2] = business(opener, head);
    }

    function _wrongNumber(uint256 signatures) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDisputes.DisputesResolutionSignatures.selector, signatures);
    }

    function _wrongSigner(string memory expected, string memory actual) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPartyActs.PartyActWrongSigner.selector, idOf(expected), idOf(actual));
    }
}

/// @title What a later audit found in the registry, each as the attack that no longer works
contract RegistryLaterAuditTest is RegistryFixture {
    bytes32 private constant _R = keccak256("reason");

    function test_renewal_takesNothingAway() public {
        BodyId body = join("body", BodyRoles.PROVIDER);
        PartySignature memory operator = signed(headOfRenewal(body, _R, QUALIFIED_UNTIL - 1, 0), "operator", BUSINESS);
        vm.expectRevert(
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryQualificationShortened.selector,
                body,
                QUALIFIED_UNTIL,
                QUALIFIED_UNTIL - 1
            )
        );
        participants.renewQualification(body, _R, QUALIFIED_UNTIL - 1, 0, operator);
        // the same end with another report is a renewal
        operator = signed(headOfRenewal(body, _R, QUALIFIED_UNTIL, 0), "operator", BUSINESS);
        participants.renewQualification(body, _R, QUALIFIED_UNTIL, 0, operator);
        vm.assertEq(participants.bodyOf(body).qualifiedUntil, QUALIFIED_UNTIL);
    }

    /// @notice The operator stops nobody by not renewing it.
    function test_renewal_isAlsoTheRegulators() public {
        BodyId body = join("body", BodyRoles.PROVIDER);
        participants.renewReservedQualification(idOf("regulator"), _R, QUALIFIED_UNTIL + 9);
        vm.warp(QUALIFIED_UNTIL + 1);
        vm.assertFalse(participants.isInGoodStanding(body));
        uint64 until = QUALIFIED_UNTIL + 8;
        PartySignature memory regulator = signed(headOfRenewal(body, _R, until, 0), "regulator", BUSINESS);
        participants.renewQualification(body, _R, until, 0, regulator);
        vm.assertTrue(participants.isInGoodStanding(body));
    }

    /// @notice Whatever the operator does about a body, what that body signed of itself still counts.
    function test_operatorsActs_outdateNoActOfTheBody() public {
        BodyId body = join("body", BodyRoles.PROVIDER);
        address key = vm.addr(keyOf("body", METERING));
        PartySignature memory revocation = signed(headOfKeyRevocation(body, key, _R, 0), "body", METERING);
        bytes memory departure = headOfStanding("Departure", body, _R, 1);
        PartySignature memory leaver = signed(departure, "body", BUSINESS);
        PartySignature memory regulator = signed(departure, "regulator", BUSINESS);
        _operatorIsBusy(body, 0);
        participants.revokeKey(body, key, _R, 0, revocation);
        _operatorIsBusy(body, 2);
        participants.depart(body, _R, 1, leaver, regulator);
        vm.assertFalse(participants.isMember(body));
    }

    /// @notice Neither the body itself nor the operator keeps a suspension away by acting first.
    function test_actsOfOthers_outdateNoSuspension() public {
        BodyId body = join("body", BodyRoles.PROVIDER);
        PartySignature memory regulator = signed(headOfStanding("Suspension", body, _R, 0), "regulator", BUSINESS);
        KeyGrant memory grant = KeyGrant(vm.addr(1), BUSINESS);
        bytes memory head = headOfKeyAddition(body, grant, 0);
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.ActCounted(body, body, 1);
        participants.addKey(body, grant, 0, signed(head, "body", BUSINESS), possessionBy(1, body, head));
        _operatorIsBusy(body, 0);
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.ActCounted(body, idOf("regulator"), 1);
        participants.suspend(body, _R, 0, regulator);
        vm.assertTrue(participants.bodyOf(body).suspendedBy == IParticipantRegistry.Suspender.REGULATOR);
        vm.assertEq(participants.bodyOf(body).revision, 4);
        vm.assertEq(participants.actCount(body, idOf("operator")), 2);
    }

    /// @notice A later act of the same signer outdates an earlier one that nobody relayed.
    function test_ownLaterAct_outdatesAnEarlierOne() public {
        BodyId body = join("body", BodyRoles.PROVIDER);
        PartySignature memory dropped = signed(headOfRoleChange(body, BodyRoles.CONSUMER, 0), "operator", BUSINESS);
        _operatorIsBusy(body, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryWrongNonce.selector, body, 2, 0)
        );
        participants.changeRoles(body, BodyRoles.CONSUMER, 0, dropped);
    }

    function test_recoverKey_ofABodyThatTheCouncilHasNotSuspended_isRefused() public {
        BodyId body = join("body", BodyRoles.PROVIDER);
        _refuseRecovery(body, IParticipantRegistry.Suspender.NOBODY);
        participants.suspend(body, _R, 0, signed(headOfStanding("Suspension", body, _R, 0), "operator", BUSINESS));
        _refuseRecovery(body, IParticipantRegistry.Suspender.OPERATOR);
        participants.suspend(body, _R, 0, signed(headOfStanding("Suspension", body, _R, 0), "regulator", BUSINESS));
        _refuseRecovery(body, IParticipantRegistry.Suspender.REGULATOR);
        participants.suspendReserved(body, _R);
        KeyGrant memory grant = KeyGrant(vm.addr(1), BUSINESS);
        PartySignature memory possession = possessionBy(1, body, headOfKeyRecovery(body, grant, 0));
        participants.recoverKey(body, new address[](0), grant, _R, possession);
        vm.assertEq(participants.keyOf(body, grant.key).purposes, BUSINESS);
    }

    function _refuseRecovery(BodyId body, IParticipantRegistry.Suspender suspendedBy) private {
        KeyGrant memory grant = KeyGrant(vm.addr(1), BUSINESS);
        PartySignature memory possession = possessionBy(1, body, headOfKeyRecovery(body, grant, 0));
        vm.expectRevert(
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryNotSuspendedByCouncil.selector,
                body,
                suspendedBy
            )
        );
        participants.recoverKey(body, new address[](0), grant, _R, possession);
    }

    /// @notice What the operator took away, the regulator gives back; neither makes an ordinary body a reserved one.
    function test_rolesThatTheOperatorTookAway_theRegulatorGivesBack() public {
        BodyId body = join("body", BodyRoles.PROVIDER | BodyRoles.DATA_HOLDER);
        bytes memory head = headOfRoleChange(body, BodyRoles.CONSUMER, 0);
        participants.changeRoles(body, BodyRoles.CONSUMER, 0, signed(head, "operator", BUSINESS));
        uint32 before = BodyRoles.PROVIDER | BodyRoles.DATA_HOLDER;
        head = headOfRoleChange(body, before, 0);
        participants.changeRoles(body, before, 0, signed(head, "regulator", BUSINESS));
        vm.assertEq(participants.bodyOf(body).roles, before);
        head = headOfRoleChange(body, BodyRoles.BANK, 1);
        PartySignature memory regulator = signed(head, "regulator", BUSINESS);
        vm.expectRevert(
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryRolesNotAllowed.selector,
                body,
                BodyRoles.BANK
            )
        );
        participants.changeRoles(body, BodyRoles.BANK, 1, regulator);
    }

    /// @dev A renewal and a change of roles, both in good order.
    function _operatorIsBusy(BodyId body, uint256 nonce) private {
        bytes memory head = headOfRenewal(body, _R, QUALIFIED_UNTIL, nonce);
        participants.renewQualification(body, _R, QUALIFIED_UNTIL, nonce, signed(head, "operator", BUSINESS));
        head = headOfRoleChange(body, BodyRoles.DEVELOPER, nonce + 1);
        participants.changeRoles(body, BodyRoles.DEVELOPER, nonce + 1, signed(head, "operator", BUSINESS));
    }
}

/// @title What a later audit found in products, as the attack that no longer works
contract ProductsLaterAuditTest is TradeFixture {
    function test_providersOwnSuspension_isTakenOverByAPlatform() public {
        IProductRegistry.ProductVersion memory product = listed("product", 400_000);
        act(product, IProductRegistry.ProductAct.SUSPEND, "provider");
        bytes memory wrongStatus = abi.encodeWithSelector(
            IProductRegistry.ProductRegistryWrongStatus.selector,
            product.productId,
            1,
            IProductRegistry.ProductStatus.SUSPENDED
        );
        _refuse(product, IProductRegistry.ProductAct.SUSPEND, "provider", wrongStatus);
        _refuse(
            product,
            IProductRegistry.ProductAct.SUSPEND,
            "consumer",
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryMissingRole.selector,
                idOf("consumer"),
                BodyRoles.CONSUMER,
                BodyRoles.PLATFORMS
            )
        );
        act(product, IProductRegistry.ProductAct.SUSPEND, "trading");
        vm.assertTrue(products.productOf(product.productId, 1).suspendedBy == idOf("trading"));
        // from one platform to the other it does not go, and the provider ends it no more
        _refuse(product, IProductRegistry.ProductAct.SUSPEND, "authorisation", wrongStatus);
        _refuse(
            product,
            IProductRegistry.ProductAct.RESUME,
            "provider",
            abi.encodeWithSelector(IProductRegistry.ProductRegistrySuspendedByOther.selector, idOf("trading"))
        );
        act(product, IProductRegistry.ProductAct.RESUME, "trading");
        vm.assertTrue(products.productOf(product.productId, 1).status == IProductRegistry.ProductStatus.LISTED);
    }

    /// @notice A platform, which reviews and settles, sets no ceiling: else one stolen key sets the price.
    function test_ceiling_isThePriceAuthoritysAlone() public {
        IProductRegistry.ProductVersion memory product = productOf("a", 1, 1);
        register(product);
        review(product, true);
        string[2] memory platforms = ["authorisation", "trading"];
        for (uint256 i = 0; i < 2; ++i) {
            PartySignature memory platform = signP(headOfProductFiling(product, type(uint64).max), platforms[i]);
            requireRefused(
                address(products),
                abi.encodeCall(IProductRegistry.file, (product.productId, 1, FILING, type(uint64).max, platform)),
                abi.encodeWithSelector(
                    IParticipantRegistry.ParticipantRegistryMissingRole.selector,
                    idOf(platforms[i]),
                    stub.bodyOf(idOf(platforms[i])).roles,
                    BodyRoles.PRICE_AUTHORITY
                )
            );
        }
        products.file(product.productId, 1, FILING, 300, signP(headOfProductFiling(product, 300), "price"));
        vm.assertEq(products.productOf(product.productId, 1).ceilingUnitPrice, 300);
    }

    function _refuse(
        IProductRegistry.ProductVersion memory product,
        IProductRegistry.ProductAct act_,
        string memory by,
        bytes memory expected
    ) private {
        uint256 nonce = products.productOf(product.productId, 1).revision;
        PartySignature memory signature = signP(headOfAct(product, act_, nonce), by);
        bytes memory call_ = abi.encodeCall(
            IProductRegistry.act,
            (product.productId, 1, act_, REASON, nonce, signature)
        );
        requireRefused(address(products), call_, expected);
    }
}

/// @title What a later audit found in agreements, as the attack that no longer works
contract AgreementsLaterAuditTest is TradeFixture {
    function test_olderDraftOfAnEnd_isNotRelayedAfterTheLaterOne() public {
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", listed("product", 400_000));
        conclude(agreement);
        bytes memory head = headOfTermination(agreement.agreementId, LAST_SECOND - 9 days, 0);
        PartySignature[] memory draft = two(signA(head, "provider"), signA(head, "consumer"));
        head = headOfTermination(agreement.agreementId, LAST_SECOND - 1 days, 0);
        PartySignature[] memory agreed = two(signA(head, "provider"), signA(head, "consumer"));
        agreements.terminate(agreement.agreementId, LAST_SECOND - 1 days, REASON, 0, agreed);
        vm.assertEq(agreements.terminationCount(agreement.agreementId, idOf("provider")), 1);
        vm.expectRevert(
            abi.encodeWithSelector(IDigitalContractRegistry.DigitalContractRegistryWrongNonce.selector, 1, 0)
        );
        agreements.terminate(agreement.agreementId, LAST_SECOND - 9 days, REASON, 0, draft);
        // nobody else's end is outdated by it
        head = headOfTermination(agreement.agreementId, LAST_SECOND - 2 days, 0);
        PartySignature[] memory arbitrator = one(signA(head, "arbitrator"));
        agreements.terminate(agreement.agreementId, LAST_SECOND - 2 days, REASON, 0, arbitrator);
        head = headOfTermination(agreement.agreementId, LAST_SECOND - 3 days, 1);
        agreed = two(signA(head, "provider"), signA(head, "consumer"));
        agreements.terminate(agreement.agreementId, LAST_SECOND - 3 days, REASON, 1, agreed);
        vm.assertEq(agreements.deliveryTerms(agreement.agreementId).validUntil, LAST_SECOND - 3 days);
    }
}
