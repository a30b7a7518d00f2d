// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Disputes} from "../../../contracts/Disputes.sol";
import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {AgreementHarness} from "../../../contracts/mocks/AgreementHarness.sol";
import {BodyRoles} from "../../../contracts/types/BodyRoles.sol";
import {Currency, DisputeId, LineId} from "../../../contracts/types/Ids.sol";
import {PeriodId, RuleVersion, StreamId} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {Component, ComponentTerms, LineKey, Part} from "../../../contracts/types/Terms.sol";
import {PayBasis, Recipient} from "../../../contracts/types/Terms.sol";
import {UsageFixture} from "./Usage.sol";
import {deployed} from "./Deployed.sol";

/// @title An agreement with two recipients, a stream with one statement accepted in part, and cases about them
abstract contract CasesFixture is UsageFixture {
    string internal constant DISPUTES_DOMAIN = "CityLedger Disputes";
    uint64 internal constant MAX_FREEZE = 30 days;
    uint64 internal constant ACCEPTED = 200;
    uint64 internal constant AMOUNT = 77;
    /// @dev Stands for the opener's next nonce until the case is signed.
    uint256 internal constant NEXT = type(uint256).max;
    string internal constant CASE_TYPE =
        "DisputeCase(bytes32 agreementId,uint256 nonce,uint8 subject,bytes32 streamId,uint64 index,bytes32 lineId,"
        "bytes32 frozenPayee,uint64 frozenAmount,uint64 reviewAt,bytes32 groundsDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)";

    Disputes internal disputes;
    AgreementHarness internal harness;
    StreamId internal streamId;
    /// @dev Place 0 is "holder", place 1 "platform".
    IDisputes.CaseProof internal proof;

    function setUp() public virtual override {
        super.setUp();
        harness = AgreementHarness(deployed("AgreementHarness", ""));
        disputes = Disputes(deployed("Disputes", abi.encode(registry(), agreementRegistry(), receipts, MAX_FREEZE)));
        admit("regulator", BodyRoles.REGULATOR);
        admit("arbitrator", BodyRoles.ARBITRATOR);
        admit("holder", BodyRoles.DATA_HOLDER);
        admit("platform", BodyRoles.TRADING_PLATFORM);
        _fillProof();
        agree(AGREEMENT, true, keccak256(abi.encode(proof.bookingTerms)));
        streamId = openStream(AGREEMENT, CONNECTOR);
        stateNext(streamId);
        answerWith(streamId, 0, ACCEPTED);
        target = address(disputes);
    }

    function lineId() internal view returns (LineId) {
        return harness.lineIdOf(proof.line);
    }

    /// @notice A case about the agreement, that freezes nothing.
    function agreementCase() internal pure returns (IDisputes.DisputeCase memory disputeCase) {
        disputeCase.agreementId = AGREEMENT;
        disputeCase.nonce = NEXT;
        disputeCase.groundsDigest = keccak256("grounds");
    }

    function statementCase() internal view returns (IDisputes.DisputeCase memory disputeCase) {
        disputeCase = agreementCase();
        disputeCase.subject = IDisputes.Subject.STATEMENT;
        disputeCase.streamId = streamId;
    }

    /// @notice A case about a line, that freezes an amount of the holder.
    function lineCase() internal view returns (IDisputes.DisputeCase memory disputeCase) {
        disputeCase = agreementCase();
        disputeCase.subject = IDisputes.Subject.LINE;
        disputeCase.lineId = lineId();
        disputeCase.frozenPayee = idOf("holder");
        disputeCase.frozenAmount = AMOUNT;
        disputeCase.reviewAt = uint64(block.timestamp + 1 days);
    }

    function openCase(string memory opener, IDisputes.DisputeCase memory disputeCase) internal returns (DisputeId) {
        number(disputeCase, opener);
        return disputes.open(disputeCase, proof, business(opener, caseHead(disputeCase)));
    }

    /// @notice Gives a case its opener's next nonce, unless it has another one.
    function number(IDisputes.DisputeCase memory disputeCase, string memory opener) internal view {
        if (disputeCase.nonce == NEXT) {
            disputeCase.nonce = disputes.caseCount(AGREEMENT, idOf(opener));
        }
    }

    function openCall(
        string memory opener,
        IDisputes.DisputeCase memory disputeCase
    ) internal view returns (bytes memory) {
        number(disputeCase, opener);
        return abi.encodeCall(IDisputes.open, (disputeCase, proof, business(opener, caseHead(disputeCase))));
    }

    function business(string memory name, bytes memory head) internal view returns (PartySignature memory) {
        return sign(DISPUTES_DOMAIN, address(disputes), head, name, BUSINESS);
    }

    function ruledBy(string memory name, bytes memory head) internal view returns (PartySignature[] memory signers) {
        signers = new PartySignature[](1);
        signers[0] = business(name, head);
    }

    function settledBy(
        string memory first,
        string memory second,
        bytes memory head
    ) internal view returns (PartySignature[] memory signers) {
        signers = new PartySignature[](2);
        signers[0] = business(first, head);
        signers[1] = business(second, head);
    }

    function caseHead(IDisputes.DisputeCase memory disputeCase) internal pure returns (bytes memory) {
        bytes memory first = abi.encode(
            keccak256(bytes(CASE_TYPE)),
            disputeCase.agreementId,
            disputeCase.nonce,
            uint256(disputeCase.subject),
            disputeCase.streamId,
            uint256(disputeCase.index)
        );
        bytes memory second = abi.encode(
            disputeCase.lineId,
            disputeCase.frozenPayee,
            uint256(disputeCase.frozenAmount),
            uint256(disputeCase.reviewAt),
            disputeCase.groundsDigest
        );
        return bytes.concat(first, second);
    }

    function extensionHead(DisputeId disputeId, uint64 reviewAt, uint256 nonce) internal pure returns (bytes memory) {
        bytes memory type_ = bytes(
            string.concat("FreezeExtension(bytes32 disputeId,uint64 reviewAt,uint256 nonce,", TAIL)
        );
        return abi.encode(keccak256(type_), disputeId, uint256(reviewAt), nonce);
    }

    function rulingHead(
        DisputeId disputeId,
        bytes32 rulingDigest,
        uint64 awardedUnits,
        bool correctsGross,
        uint64 baseGross,
        uint64 correctedGross
    ) internal pure returns (bytes memory) {
        bytes memory type_ = bytes(
            string.concat(
                "Ruling(bytes32 disputeId,bytes32 rulingDigest,uint64 awardedUnits,bool correctsGross,",
                "uint64 baseGross,uint64 correctedGross,",
                TAIL
            )
        );
        return
            abi.encode(
                keccak256(type_),
                disputeId,
                rulingDigest,
                uint256(awardedUnits),
                correctsGross,
                uint256(baseGross),
                uint256(correctedGross)
            );
    }

    function withdrawalHead(DisputeId disputeId, bytes32 reasonDigest) internal pure returns (bytes memory) {
        bytes memory type_ = bytes(string.concat("DisputeWithdrawal(bytes32 disputeId,bytes32 reasonDigest,", TAIL));
        return abi.encode(keccak256(type_), disputeId, reasonDigest);
    }

    function disputeIdOf(string memory opener, uint256 nonce) internal pure returns (DisputeId) {
        bytes32 domain = keccak256("cityledger/v1/dispute");
        return DisputeId.wrap(keccak256(abi.encode(domain, AGREEMENT, idOf(opener), nonce)));
    }

    function _fillProof() private {
        proof.line = LineKey(AGREEMENT, Component.USAGE_SHARE, PeriodId.wrap(202701), Currency.wrap("CNY"), 0);
        ComponentTerms storage terms = proof.component.terms;
        terms.component = Component.USAGE_SHARE;
        terms.bases = 3;
        terms.currency = Currency.wrap("CNY");
        terms.maxUnitPrice = 1_000_000;
        terms.firstPeriod = PeriodId.wrap(202701);
        terms.lastPeriod = PeriodId.wrap(202712);
        terms.recipients.push(Recipient(idOf("holder"), Part.PUBLIC, 700_000, 0, 1_000_000));
        terms.recipients.push(Recipient(idOf("platform"), Part.PUBLIC, 300_000, 0, 1_000_000));
        proof.component.componentHashes.push(harness.hashComponentTerms(terms));
        proof.component.componentHashes.push(keccak256("another component"));
        proof.bookingTerms.ruleVersion = RuleVersion.wrap(keccak256("rule"));
        proof.bookingTerms.payBasis = PayBasis.ACCRUED;
        proof.bookingTerms.componentsHash = keccak256(abi.encodePacked(proof.component.componentHashes));
        proof.payee = 0;
        proof.opener = 1;
    }
}
