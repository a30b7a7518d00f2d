// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {ISettlementRules} from "../../contracts/interfaces/ISettlementRules.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {AgreementId, BodyId, Currency, OrderId, RuleVersion} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {BookingTerms, PayBasis} from "../../contracts/types/Terms.sol";
import {TradeFixture} from "./helpers/Trade.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title The life of agreements
contract DigitalContractRegistryTest is TradeFixture {
    IProductRegistry.ProductVersion private _product;

    function setUp() public override {
        super.setUp();
        _product = listed("product", 400_000);
    }

    function test_constructor_withoutCodeAtAnAddress_isRefused() public {
        bytes memory error_ = abi.encodeWithSelector(
            IDigitalContractRegistry.DigitalContractRegistryNoCode.selector,
            address(7)
        );
        ISettlementRules rules_ = ISettlementRules(address(rules));
        vm.expectRevert(error_);
        deployed("DigitalContractRegistry", abi.encode(IParticipantRegistry(address(7)), products, rules_, 1));
        vm.expectRevert(error_);
        deployed("DigitalContractRegistry", abi.encode(registry(), IProductRegistry(address(7)), rules_, 1));
        vm.expectRevert(error_);
        deployed("DigitalContractRegistry", abi.encode(registry(), products, ISettlementRules(address(7)), 1));
        vm.assertEq(agreements.products(), address(products));
        vm.assertEq(agreements.rules(), address(rules));
        vm.assertEq(agreements.minAnswerSeconds(), MIN_ANSWER);
    }

    function test_conclude_keepsWhatWasSigned_andTellsTheTerms() public {
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", _product);
        agreement.orderId = OrderId.wrap("order");
        BookingTerms memory terms = _termsOf(agreement, true, 300);
        bytes memory head = headOfAgreement(agreement);
        PartySignature[] memory parties = two(signA(head, "provider"), signA(head, "consumer"));
        vm.expectEmit(address(agreements));
        emit IDigitalContractRegistry.AgreementConcluded(
            agreement.agreementId,
            agreement.parties[0],
            agreement.parties[1],
            agreement,
            terms
        );
        agreements.conclude(agreement, noComponents(), parties);
        IDigitalContractRegistry.AgreementRecord memory record = agreements.agreementOf(agreement.agreementId);
        IDigitalContractRegistry.AgreementRecord memory expected = IDigitalContractRegistry.AgreementRecord(
            IDigitalContractRegistry.AgreementStatus.CONCLUDED,
            party("provider"),
            party("consumer"),
            _product.productId,
            1,
            agreement.orderId,
            agreement.contractDigest,
            keccak256(abi.encode(terms)),
            0,
            agreement.validFrom,
            agreement.validUntil
        );
        vm.assertEq(abi.encode(record), abi.encode(expected));
    }

    function test_fuzz_conclude_keepsItsTerms(bool silence, bool accrued, uint32 answer) public {
        vm.assume(answer >= MIN_ANSWER);
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", listed("private", 0));
        agreement.silenceAccepts = silence;
        agreement.payBasis = accrued ? PayBasis.ACCRUED : PayBasis.COLLECTED;
        agreement.answerSeconds = answer;
        agreement.priceRuleDigest = keccak256("a price of their own");
        conclude(agreement);
        IDigitalContractRegistry.DeliveryTerms memory delivery = agreements.deliveryTerms(agreement.agreementId);
        IDigitalContractRegistry.DeliveryTerms memory expected = IDigitalContractRegistry.DeliveryTerms(
            party("provider"),
            party("consumer"),
            agreement.validFrom,
            agreement.validUntil,
            answer,
            silence
        );
        vm.assertEq(abi.encode(delivery), abi.encode(expected));
        BookingTerms memory terms = _termsOf(agreement, false, 0);
        vm.assertEq(agreements.bookingTermsHash(agreement.agreementId), keccak256(abi.encode(terms)));
        (BodyId provider, BodyId consumer) = agreements.partiesOf(agreement.agreementId);
        vm.assertTrue(provider == party("provider") && consumer == party("consumer"));
    }

    function test_conclude_ofSixteenParties_isAccepted_ofSeventeenRefused() public {
        for (uint256 count = 16; count <= 17; ++count) {
            IDigitalContractRegistry.Agreement memory agreement = agreementOf(vm.toString(count), _product);
            string[] memory names;
            (agreement.parties, names) = manyParties(count);
            bytes memory head = headOfAgreement(agreement);
            PartySignature[] memory signed = new PartySignature[](count);
            for (uint256 i = 0; i < count; ++i) {
                signed[i] = signA(head, names[i]);
            }
            if (count == 17) {
                vm.expectRevert(_wrongParties(17, 17));
            }
            agreements.conclude(agreement, noComponents(), signed);
        }
    }

    function test_conclude_ofWrongParties_isRefused() public {
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", _product);
        PartySignature memory signed = signA("", "provider");
        _refuse(agreement, one(signed), _wrongParties(2, 1));
        _refuse(agreement, new PartySignature[](3), _wrongParties(2, 3));
        agreement.parties[1] = agreement.parties[0];
        _refuse(agreement, two(signed, signed), _wrongParties(2, 2));
        agreement.parties = new BodyId[](1);
        _refuse(agreement, one(signed), _wrongParties(1, 1));
        agreement.parties = new BodyId[](0);
        _refuse(agreement, new PartySignature[](0), _wrongParties(0, 0));
        bytes32[2][4] memory others = [
            [bytes32("b"), bytes32("a")],
            [bytes32("a"), bytes32("a")],
            [BodyId.unwrap(party("provider")), bytes32(type(uint256).max)],
            [bytes32(0), BodyId.unwrap(party("consumer"))]
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            agreement.parties = new BodyId[](4);
            agreement.parties[0] = party("provider");
            agreement.parties[1] = party("consumer");
            agreement.parties[2] = BodyId.wrap(others[i][0]);
            agreement.parties[3] = BodyId.wrap(others[i][1]);
            _refuse(agreement, new PartySignature[](4), _wrongParties(4, 4));
        }
    }

    function test_conclude_withoutAnIdOrDigest_isRefused() public {
        bytes4 error_ = IDigitalContractRegistry.DigitalContractRegistryZeroDigest.selector;
        for (uint256 i = 0; i < 3; ++i) {
            IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", _product);
            if (i == 0) agreement.agreementId = AgreementId.wrap(0);
            if (i == 1) agreement.contractDigest = 0;
            if (i == 2) agreement.priceRuleDigest = 0;
            _refuseSigned(agreement, abi.encodeWithSelector(error_));
        }
    }

    function test_conclude_ofAWrongTerm_isRefused_ofItsLastSecondAccepted() public {
        bytes4 error_ = IDigitalContractRegistry.DigitalContractRegistryWrongValidity.selector;
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", _product);
        agreement.validFrom = LAST_SECOND + 1;
        _refuseSigned(agreement, abi.encodeWithSelector(error_, LAST_SECOND + 1, LAST_SECOND));
        uint64 present = uint64(block.timestamp);
        agreement.validFrom = present - 2;
        agreement.validUntil = present - 1;
        _refuseSigned(agreement, abi.encodeWithSelector(error_, present - 2, present - 1));
        agreement.validUntil = present;
        conclude(agreement);
    }

    function test_conclude_withLittleTimeToAnswer_isRefused() public {
        bytes4 error_ = IDigitalContractRegistry.DigitalContractRegistryAnswerTimeTooShort.selector;
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", _product);
        agreement.answerSeconds = MIN_ANSWER - 1;
        _refuseSigned(agreement, abi.encodeWithSelector(error_, MIN_ANSWER - 1, MIN_ANSWER));
    }

    function test_conclude_aboutAnothersOrAFrozenProduct_isRefused() public {
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", _product);
        agreement.parties[0] = party("both");
        bytes4 error_ = IDigitalContractRegistry.DigitalContractRegistryWrongParty.selector;
        _refuseSigned(agreement, abi.encodeWithSelector(error_, party("provider"), party("both")));
        setFrozen(_product.productId, true);
        agreement = agreementOf("a", _product);
        error_ = IProductRegistry.ProductRegistryFrozen.selector;
        _refuseSigned(agreement, abi.encodeWithSelector(error_, _product.productId));
    }

    function test_conclude_underARuleThatIsNotApproved_isRefused() public {
        bytes4 error_ = IDigitalContractRegistry.DigitalContractRegistryRuleNotApproved.selector;
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", _product);
        rules.set(rule(), ISettlementRules.RuleStatus.RETIRED);
        _refuseSigned(agreement, abi.encodeWithSelector(error_, rule()));
        agreement.ruleVersion = RuleVersion.wrap("unknown");
        _refuseSigned(agreement, abi.encodeWithSelector(error_, agreement.ruleVersion));
    }

    function test_conclude_aboutPublicDataByAnotherPriceRule_isRefused() public {
        bytes4 error_ = IDigitalContractRegistry.DigitalContractRegistryWrongPriceRule.selector;
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", _product);
        agreement.priceRuleDigest = keccak256("another");
        _refuseSigned(agreement, abi.encodeWithSelector(error_, _product.priceRuleDigest, keccak256("another")));
    }

    function test_conclude_signedInAnotherOrder_isRefused() public {
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", _product);
        bytes memory head = headOfAgreement(agreement);
        bytes memory error_ = abi.encodeWithSignature(
            "PartyActWrongSigner(bytes32,bytes32)",
            party("provider"),
            party("consumer")
        );
        _refuse(agreement, two(signA(head, "consumer"), signA(head, "provider")), error_);
    }

    function test_conclude_thatReplaces_endsTheOther() public {
        IDigitalContractRegistry.Agreement memory old = agreementOf("old", _product);
        conclude(old);
        vm.warp(block.timestamp + 100);
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("new", _product);
        agreement.replaces = old.agreementId;
        bytes memory head = headOfAgreement(agreement);
        PartySignature[] memory parties = two(signA(head, "provider"), signA(head, "consumer"));
        vm.expectEmit(address(agreements));
        emit IDigitalContractRegistry.AgreementTerminated(
            old.agreementId,
            uint64(block.timestamp),
            agreement.contractDigest
        );
        agreements.conclude(agreement, noComponents(), parties);
        _requireEnded(old.agreementId, uint64(block.timestamp));
        agreement.agreementId = AgreementId.wrap("third");
        bytes4 error_ = IDigitalContractRegistry.DigitalContractRegistryWrongStatus.selector;
        IDigitalContractRegistry.AgreementStatus terminated = IDigitalContractRegistry.AgreementStatus.TERMINATED;
        _refuseSigned(agreement, abi.encodeWithSelector(error_, old.agreementId, terminated));
    }

    function test_conclude_thatReplacesOneThatRanOut_doesNotMoveItsEnd() public {
        IDigitalContractRegistry.Agreement memory old = agreementOf("old", _product);
        old.validUntil = uint64(block.timestamp + 10);
        conclude(old);
        vm.warp(block.timestamp + 100);
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("new", _product);
        agreement.replaces = old.agreementId;
        conclude(agreement);
        _requireEnded(old.agreementId, old.validUntil);
    }

    function test_conclude_thatReplacesAnUnknownOneOrOthers_isRefused() public {
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("new", _product);
        agreement.replaces = AgreementId.wrap("unknown");
        _refuseSigned(agreement, _unknown());
        IDigitalContractRegistry.Agreement memory old = agreementOf("old", _product);
        old.parties[1] = party("both");
        bytes memory head = headOfAgreement(old);
        agreements.conclude(old, noComponents(), two(signA(head, "provider"), signA(head, "both")));
        agreement.replaces = old.agreementId;
        bytes4 error_ = IDigitalContractRegistry.DigitalContractRegistryWrongParty.selector;
        _refuseSigned(agreement, abi.encodeWithSelector(error_, party("both"), party("consumer")));
        IProductRegistry.ProductVersion memory product = productOf("of both", 1, 0);
        product.provider = party("both");
        products.register(product, signP(headOfVersion(product), "both"));
        review(product, true);
        act(product, IProductRegistry.ProductAct.LIST, "both");
        agreement = agreementOf("newer", product);
        agreement.parties[0] = party("both");
        agreement.replaces = old.agreementId;
        _refuseSigned(agreement, abi.encodeWithSelector(error_, party("provider"), party("both")));
    }

    function test_file_isRecordedOnce_withADigest() public {
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", _product);
        conclude(agreement);
        PartySignature memory signed = signA(headOfAgreementFiling(agreement), "trading");
        vm.expectRevert(abi.encodeWithSelector(IDigitalContractRegistry.DigitalContractRegistryZeroDigest.selector));
        agreements.file(agreement.agreementId, 0, signed);
        vm.expectRevert(_unknown());
        agreements.file(AgreementId.wrap("unknown"), FILING, signed);
        vm.expectEmit(address(agreements));
        emit IDigitalContractRegistry.AgreementFiled(agreement.agreementId, party("trading"), FILING);
        agreements.file(agreement.agreementId, FILING, signed);
        IDigitalContractRegistry.AgreementRecord memory record = agreements.agreementOf(agreement.agreementId);
        vm.assertTrue(record.status == IDigitalContractRegistry.AgreementStatus.FILED);
        vm.assertEq(record.filingDigest, FILING);
        terminate(agreement.agreementId, LAST_SECOND);
        bytes4 error_ = IDigitalContractRegistry.DigitalContractRegistryWrongStatus.selector;
        vm.expectRevert(
            abi.encodeWithSelector(error_, agreement.agreementId, IDigitalContractRegistry.AgreementStatus.TERMINATED)
        );
        agreements.file(agreement.agreementId, FILING, signed);
    }

    function test_fuzz_terminate_bringsTheEndNearerAndNeverFurther(uint64 effectiveAt, uint64 later) public {
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", _product);
        conclude(agreement);
        uint64 present = uint64(block.timestamp + (later % 200_000_000));
        vm.warp(present);
        effectiveAt = uint64(effectiveAt % (LAST_SECOND + 2));
        bytes memory head = headOfTermination(agreement.agreementId, effectiveAt, 0);
        PartySignature[] memory signers = one(signUntilEnd(head, "regulator"));
        if (effectiveAt > LAST_SECOND) {
            bytes4 error_ = IDigitalContractRegistry.DigitalContractRegistryWrongValidity.selector;
            vm.expectRevert(abi.encodeWithSelector(error_, agreement.validFrom, effectiveAt));
            agreements.terminate(agreement.agreementId, effectiveAt, REASON, 0, signers);
            return;
        }
        uint64 last = effectiveAt < present ? present : effectiveAt;
        last = last > LAST_SECOND ? LAST_SECOND : last;
        vm.expectEmit(address(agreements));
        emit IDigitalContractRegistry.AgreementTerminated(agreement.agreementId, last, REASON);
        agreements.terminate(agreement.agreementId, effectiveAt, REASON, 0, signers);
        _requireEnded(agreement.agreementId, last);
    }

    function test_terminate_byNobodyOrThree_isRefused() public {
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", _product);
        conclude(agreement);
        bytes4 error_ = IDigitalContractRegistry.DigitalContractRegistryTerminationSignatures.selector;
        for (uint256 count = 0; count <= 3; count += 3) {
            vm.expectRevert(abi.encodeWithSelector(error_, count));
            agreements.terminate(agreement.agreementId, 0, REASON, 0, new PartySignature[](count));
        }
    }

    function test_terminate_byThePlatformOrOneParty_isRefused() public {
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", _product);
        conclude(agreement);
        bytes memory head = headOfTermination(agreement.agreementId, 0, 0);
        string[3] memory names = ["trading", "provider", "operator"];
        uint32[3] memory roles = [BodyRoles.TRADING_PLATFORM, BodyRoles.PROVIDER, BodyRoles.OPERATOR];
        bytes4 error_ = IParticipantRegistry.ParticipantRegistryMissingRole.selector;
        for (uint256 i = 0; i < names.length; ++i) {
            PartySignature[] memory signers = one(signA(head, names[i]));
            uint32 needed = BodyRoles.ARBITRATOR | BodyRoles.REGULATOR;
            vm.expectRevert(abi.encodeWithSelector(error_, party(names[i]), roles[i], needed));
            agreements.terminate(agreement.agreementId, 0, REASON, 0, signers);
        }
    }

    function test_unknownAgreements_areRefusedEverywhere() public {
        AgreementId unknown = AgreementId.wrap("unknown");
        vm.expectRevert(_unknown());
        agreements.agreementOf(unknown);
        vm.expectRevert(_unknown());
        agreements.deliveryTerms(unknown);
        vm.expectRevert(_unknown());
        agreements.bookingTermsHash(unknown);
        vm.expectRevert(_unknown());
        agreements.partiesOf(unknown);
        vm.expectRevert(_unknown());
        agreements.terminate(unknown, 0, REASON, 0, new PartySignature[](1));
    }

    function signUntilEnd(bytes memory head, string memory name) internal view returns (PartySignature memory) {
        return signUntil(AGREEMENTS, address(agreements), head, who(name), BUSINESS, type(uint256).max);
    }

    function _requireEnded(AgreementId agreementId, uint64 last) private view {
        IDigitalContractRegistry.AgreementRecord memory record = agreements.agreementOf(agreementId);
        vm.assertTrue(record.status == IDigitalContractRegistry.AgreementStatus.TERMINATED);
        vm.assertEq(record.validUntil, last);
        vm.assertEq(agreements.deliveryTerms(agreementId).validUntil, last);
    }

    function _refuseSigned(IDigitalContractRegistry.Agreement memory agreement, bytes memory error_) private {
        bytes memory head = headOfAgreement(agreement);
        string memory provider = agreement.parties[0] == party("both") ? "both" : "provider";
        _refuse(agreement, two(signA(head, provider), signA(head, "consumer")), error_);
    }

    function _refuse(
        IDigitalContractRegistry.Agreement memory agreement,
        PartySignature[] memory parties,
        bytes memory error_
    ) private {
        vm.expectRevert(error_);
        agreements.conclude(agreement, noComponents(), parties);
    }

    function _termsOf(
        IDigitalContractRegistry.Agreement memory agreement,
        bool isPublic,
        uint64 ceiling
    ) private pure returns (BookingTerms memory) {
        return
            BookingTerms(
                agreement.ruleVersion,
                agreement.priceRuleDigest,
                agreement.silenceAccepts,
                agreement.payBasis,
                isPublic,
                ceiling,
                Currency.wrap("CNY"),
                agreement.componentsHash
            );
    }

    function _wrongParties(uint256 parties, uint256 signatures) private pure returns (bytes memory) {
        bytes4 error_ = IDigitalContractRegistry.DigitalContractRegistryWrongParties.selector;
        return abi.encodeWithSelector(error_, parties, signatures);
    }

    function _unknown() private pure returns (bytes memory) {
        bytes4 error_ = IDigitalContractRegistry.DigitalContractRegistryUnknownAgreement.selector;
        return abi.encodeWithSelector(error_, bytes32("unknown"));
    }
}
