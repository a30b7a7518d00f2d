// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AgreementTypedData} from "../../contracts/libraries/AgreementTypedData.sol";
import {AgreementHarness} from "../../contracts/mocks/AgreementHarness.sol";
import {AgreementId, BodyId, ConnectorId, Currency, LineId, PeriodId} from "../../contracts/types/Ids.sol";
import {StatementId, StreamId} from "../../contracts/types/Ids.sol";
import {BookingTerms, Component, ComponentProof, ComponentTerms, LineKey} from "../../contracts/types/Terms.sol";
import {Part, PayBasis, Recipient} from "../../contracts/types/Terms.sol";
import {RuleVersion} from "../../contracts/types/Ids.sol";
import {Test} from "./helpers/Vm.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title The hashes of an agreement's terms, spelled out from EIP-712
contract AgreementTypedDataTest is Test {
    bytes32 private constant _RECIPIENT = keccak256(
        "Recipient(bytes32 recipient,uint8 part,uint32 share,uint32 minShare,uint32 maxShare)"
    );
    bytes32 private constant _COMPONENT = keccak256(
        bytes.concat(
            "ComponentTerms(uint8 component,uint8 bases,bytes3 currency,uint64 maxUnitPrice,uint64 fixedAmount,",
            "uint32 firstPeriod,uint32 lastPeriod,Recipient[] recipients)",
            "Recipient(bytes32 recipient,uint8 part,uint32 share,uint32 minShare,uint32 maxShare)"
        )
    );

    AgreementHarness private _harness;

    function setUp() public {
        _harness = AgreementHarness(deployed("AgreementHarness", ""));
    }

    function test_fuzz_hashRecipients_isThePlainForm(bytes32 seed, uint8 size) public view {
        Recipient[] memory recipients = _recipients(seed, size);
        vm.assertEq(_harness.hashRecipients(recipients), _plainHash(recipients));
    }

    function test_fuzz_requireComponent_findsEachInItsPlaceOnly(bytes32 seed, uint8 size) public {
        ComponentProof memory proof;
        proof.terms = _terms(seed, size);
        proof.componentHashes = new bytes32[](3);
        proof.place = uint256(seed) % 3;
        proof.componentHashes[proof.place] = _plainTermsHash(proof.terms);
        proof.componentHashes[(proof.place + 1) % 3] = keccak256("another");
        bytes32 all = keccak256(abi.encodePacked(proof.componentHashes));
        _harness.requireComponent(all, proof);
        bytes memory mismatch = abi.encodeWithSelector(
            AgreementTypedData.AgreementTermsMismatch.selector,
            all,
            _plainTermsHash(proof.terms)
        );
        proof.place = (proof.place + 1) % 3;
        vm.expectRevert(mismatch);
        _harness.requireComponent(all, proof);
        proof.place = 3;
        vm.expectRevert(mismatch);
        _harness.requireComponent(all, proof);
        vm.expectRevert(
            abi.encodeWithSelector(AgreementTypedData.AgreementTermsMismatch.selector, keccak256("other"), all)
        );
        _harness.requireComponent(keccak256("other"), proof);
    }

    function test_hashBookingTerms_isItsEncoding() public view {
        BookingTerms memory terms = BookingTerms(
            RuleVersion.wrap(keccak256("rule")),
            keccak256("price"),
            true,
            PayBasis.ACCRUED,
            true,
            7,
            Currency.wrap("CNY"),
            keccak256("components")
        );
        bytes memory words = abi.encode(
            keccak256("rule"),
            keccak256("price"),
            uint256(1),
            uint256(1),
            uint256(1),
            uint256(7),
            bytes32("CNY"),
            keccak256("components")
        );
        vm.assertEq(_harness.hashBookingTerms(terms), keccak256(words));
    }

    function test_fuzz_statementIdOf_isThePlainForm(bytes32 stream, uint64 index) public view {
        bytes32 plain = keccak256(abi.encode(keccak256("cityledger/v1/statement"), stream, index));
        vm.assertEq(StatementId.unwrap(_harness.statementIdOf(StreamId.wrap(stream), index)), plain);
    }

    function test_ids_areHashesUnderNamesOfTheirOwn() public view {
        AgreementId agreementId = AgreementId.wrap(keccak256("agreement"));
        StreamId streamId = _harness.streamIdOf(agreementId, ConnectorId.wrap(keccak256("connector")));
        vm.assertEq(
            StreamId.unwrap(streamId),
            keccak256(abi.encode(keccak256("cityledger/v1/stream"), agreementId, keccak256("connector")))
        );
        vm.assertEq(
            StatementId.unwrap(_harness.statementIdOf(streamId, 5)),
            keccak256(abi.encode(keccak256("cityledger/v1/statement"), streamId, uint256(5)))
        );
        LineKey memory key = LineKey(agreementId, Component.COMMISSION, PeriodId.wrap(202611), Currency.wrap("CNY"), 2);
        bytes memory words = abi.encode(
            keccak256("cityledger/v1/line"),
            agreementId,
            uint256(3),
            uint256(202611),
            bytes32("CNY"),
            uint256(2)
        );
        vm.assertEq(LineId.unwrap(_harness.lineIdOf(key)), keccak256(words));
    }

    function _terms(bytes32 seed, uint8 size) private pure returns (ComponentTerms memory) {
        return
            ComponentTerms(
                Component.USAGE_SHARE,
                1,
                Currency.wrap("CNY"),
                2,
                3,
                PeriodId.wrap(202601),
                PeriodId.wrap(202612),
                _recipients(seed, size)
            );
    }

    function _recipients(bytes32 seed, uint8 size) private pure returns (Recipient[] memory recipients) {
        recipients = new Recipient[](size);
        for (uint256 i = 0; i < size; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            recipients[i] = Recipient(
                BodyId.wrap(bytes32(random)),
                Part(random % 3),
                uint32(random >> 32),
                uint32(random >> 64),
                uint32(random >> 96)
            );
        }
    }

    function _plainTermsHash(ComponentTerms memory terms) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    _COMPONENT,
                    terms.component,
                    terms.bases,
                    terms.currency,
                    terms.maxUnitPrice,
                    terms.fixedAmount,
                    terms.firstPeriod,
                    terms.lastPeriod,
                    _plainHash(terms.recipients)
                )
            );
    }

    function _plainHash(Recipient[] memory recipients) private pure returns (bytes32) {
        bytes memory hashes;
        for (uint256 i = 0; i < recipients.length; ++i) {
            hashes = bytes.concat(hashes, keccak256(abi.encode(_RECIPIENT, recipients[i])));
        }
        return keccak256(hashes);
    }
}
