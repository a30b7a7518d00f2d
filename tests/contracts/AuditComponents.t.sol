// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {ISettlementRules} from "../../contracts/interfaces/ISettlementRules.sol";
import {AgreementTypedData} from "../../contracts/libraries/AgreementTypedData.sol";
import {ComponentChecks} from "../../contracts/libraries/ComponentChecks.sol";
import {AgreementHarness} from "../../contracts/mocks/AgreementHarness.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId, Currency} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {Component, ComponentTerms, Part, Recipient} from "../../contracts/types/Terms.sol";
import {TradeFixture} from "./helpers/Trade.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title What audits found in the components of agreements: some could be signed by which no line is ever split
contract ComponentsAuditTest is TradeFixture {
    AgreementHarness private _harness;
    IDigitalContractRegistry.Agreement private _agreement;

    function setUp() public override {
        super.setUp();
        _harness = AgreementHarness(deployed("AgreementHarness", ""));
        _agreement = agreementOf("a", listed("product", 400_000));
    }

    /// @notice Weights would refuse its share for ever, and with it every line of the component.
    function test_conclude_payingSomebodyYetToCome_isRefused() public {
        ComponentTerms[] memory components = _two();
        components[1].recipients[0].recipient = idOf("somebody to come");
        rules.leaveOut(idOf("somebody to come"), true);
        bytes4 unknown = ISettlementRules.SettlementRulesUnknownRecipient.selector;
        _refuse(components, abi.encodeWithSelector(unknown, idOf("somebody to come")));
        rules.leaveOut(idOf("somebody to come"), false);
        _conclude(components);
    }

    /// @notice Whoever has left signs no account, so that nothing could be paid to it.
    function test_conclude_payingWhoHasLeft_isRefused() public {
        ComponentTerms[] memory components = _two();
        stub.setBody(party("holder"), IParticipantRegistry.BodyStatus.LEFT, BodyRoles.DATA_HOLDER);
        bytes4 left = IDigitalContractRegistry.DigitalContractRegistryRecipientLeft.selector;
        _refuse(components, abi.encodeWithSelector(left, party("holder")));
        stub.setBody(party("holder"), IParticipantRegistry.BodyStatus.SUSPENDED, BodyRoles.DATA_HOLDER);
        _conclude(components);
    }

    /// @notice Others are not shown in the place of what was signed: none, or the same in another order.
    function test_conclude_showingOtherComponents_isRefused() public {
        ComponentTerms[] memory components = _two();
        bytes32 signed = _sign(components);
        bytes4 mismatch = AgreementTypedData.AgreementTermsMismatch.selector;
        _refuseShown(noComponents(), abi.encodeWithSelector(mismatch, signed, keccak256("")));
        (components[0], components[1]) = (components[1], components[0]);
        _refuseShown(components, abi.encodeWithSelector(mismatch, signed, _hashOf(components)));
    }

    /// @notice The second one could be charged beside the first, by other recipients.
    function test_conclude_withAComponentTwiceInOneCurrency_isRefused() public {
        ComponentTerms[] memory components = _two();
        components[1].component = components[0].component;
        bytes4 repeated = ComponentChecks.ComponentChecksRepeated.selector;
        _refuse(components, abi.encodeWithSelector(repeated, 1, components[0].component, Currency.wrap("CNY")));
        components[1].currency = Currency.wrap("USD");
        _conclude(components);
    }

    function test_conclude_payingNobodyOrTooMany_isRefused() public {
        bytes4 count = ComponentChecks.ComponentChecksRecipientCount.selector;
        ComponentTerms[] memory components = _two();
        components[1].recipients = new Recipient[](0);
        _refuse(components, abi.encodeWithSelector(count, 1, 0));
        components[1].recipients = _many(251);
        _refuse(components, abi.encodeWithSelector(count, 1, 251));
        components[1].recipients = _many(250);
        _conclude(components);
    }

    function test_conclude_withRecipientsOutOfOrder_isRefused() public {
        bytes4 order = ComponentChecks.ComponentChecksNotAscending.selector;
        ComponentTerms[] memory components = _two();
        components[0].recipients = _many(3);
        components[0].recipients[2].recipient = components[0].recipients[1].recipient; // the same one twice
        _refuse(components, abi.encodeWithSelector(order, 0, 2));
        components[0].recipients[1].recipient = BodyId.wrap(bytes32(uint256(9)));
        _refuse(components, abi.encodeWithSelector(order, 0, 2));
        components[0].recipients = _many(2);
        (components[0].recipients[0].share, components[0].recipients[1].share) = (1_000_000, 1_000_000);
        components[0].recipients[0].part = Part.ENTERPRISE; // before the public part
        _refuse(components, abi.encodeWithSelector(order, 0, 1));
        // one body in two parts, each of them whole
        components[0].recipients[0].part = Part.PUBLIC;
        components[0].recipients[1].part = Part.ENTERPRISE;
        components[0].recipients[1].recipient = components[0].recipients[0].recipient;
        _conclude(components);
    }

    /// @notice Neither the agreed shares of a part nor any within their bounds are the whole.
    function test_conclude_withSharesThatAreNeverTheWhole_isRefused() public {
        ComponentTerms[] memory components = _two();
        components[0].recipients = _many(2);
        Recipient[] memory entries = components[0].recipients;
        (entries[0].share, entries[1].share) = (400_000, 599_999);
        (entries[0].maxShare, entries[1].maxShare) = (400_000, 599_999);
        _refuse(components, _shareSum(999_999));
        (entries[0].minShare, entries[1].minShare) = (400_000, 600_001);
        (entries[0].maxShare, entries[1].maxShare) = (500_000, 700_000);
        _refuse(components, _shareSum(999_999));
        // bounds that nothing is within
        (entries[0].minShare, entries[1].minShare) = (1, 0);
        (entries[0].maxShare, entries[1].maxShare) = (0, 1_000_000);
        _refuse(components, _shareSum(999_999));
        // each part is asked on its own
        entries[0].minShare = 0;
        entries[1].part = Part.PERSONAL;
        _refuse(components, _shareSum(400_000));
        entries[0].maxShare = 1_000_000; // what the weights of a period may make the whole
        _conclude(components);
    }

    function _conclude(ComponentTerms[] memory components) private {
        _sign(components);
        agreements.conclude(_agreement, components, _signatures());
    }

    function _refuse(ComponentTerms[] memory components, bytes memory refusal) private {
        _sign(components);
        _refuseShown(components, refusal);
    }

    function _refuseShown(ComponentTerms[] memory components, bytes memory refusal) private {
        PartySignature[] memory both = _signatures();
        bytes memory call_ = abi.encodeCall(IDigitalContractRegistry.conclude, (_agreement, components, both));
        requireRefused(address(agreements), call_, refusal);
    }

    function _sign(ComponentTerms[] memory components) private returns (bytes32 signed) {
        signed = _hashOf(components);
        _agreement.componentsHash = signed;
    }

    function _signatures() private view returns (PartySignature[] memory) {
        bytes memory head = headOfAgreement(_agreement);
        return two(signA(head, "provider"), signA(head, "consumer"));
    }

    function _hashOf(ComponentTerms[] memory components) private view returns (bytes32) {
        bytes memory hashes;
        for (uint256 i = 0; i < components.length; ++i) {
            hashes = bytes.concat(hashes, _harness.hashComponentTerms(components[i]));
        }
        return keccak256(hashes);
    }

    /// @dev Two components, each paying one body.
    function _two() private view returns (ComponentTerms[] memory components) {
        components = new ComponentTerms[](2);
        components[1].component = Component.USAGE_SHARE;
        string[2] memory names = ["provider", "holder"];
        for (uint256 i = 0; i < 2; ++i) {
            components[i].currency = Currency.wrap("CNY");
            components[i].recipients = _many(1);
            components[i].recipients[0].recipient = party(names[i]);
        }
    }

    /// @dev So many recipients of the public part, in order; the first one has all of it.
    function _many(uint256 count) private pure returns (Recipient[] memory recipients) {
        recipients = new Recipient[](count);
        for (uint256 i = 0; i < count; ++i) {
            recipients[i].recipient = BodyId.wrap(bytes32(i + 1));
        }
        recipients[0].share = 1_000_000;
    }

    function _shareSum(uint256 share) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ComponentChecks.ComponentChecksShareSum.selector, 0, Part.PUBLIC, share);
    }
}
