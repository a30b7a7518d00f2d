// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {DeliveryReceipts} from "../../../contracts/DeliveryReceipts.sol";
import {IDeliveryReceipts} from "../../../contracts/interfaces/IDeliveryReceipts.sol";
import {IDigitalContractRegistry} from "../../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IProductRegistry} from "../../../contracts/interfaces/IProductRegistry.sol";
import {StubTrade} from "../../../contracts/mocks/StubTrade.sol";
import {BodyRoles} from "../../../contracts/types/BodyRoles.sol";
import {AgreementId, ConnectorId, PeriodId, ProductId} from "../../../contracts/types/Ids.sol";
import {StatementId, StreamId} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {PartiesFixture} from "./Parties.sol";
import {deployed} from "./Deployed.sol";

/// @title An agreement in force, and usage signed as EIP-712 spells it
abstract contract UsageFixture is PartiesFixture {
    string internal constant RECEIPTS_DOMAIN = "CityLedger DeliveryReceipts";
    string internal constant TAIL = "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)";
    string internal constant CLAIM_TYPE =
        "UsageClaim(bytes32 streamId,uint64 index,uint64 firstSequence,uint64 nextSequence,uint64 units,uint64 records,"
        "uint64 byteCount,bytes32 batchRoot,uint32 servicePeriod)";
    AgreementId internal constant AGREEMENT = AgreementId.wrap(keccak256("agreement"));
    ConnectorId internal constant CONNECTOR = ConnectorId.wrap(keccak256("connector"));
    ProductId internal constant PRODUCT = ProductId.wrap(keccak256("product"));
    uint64 internal constant FIRST_SEQUENCE = 1000;
    uint64 internal constant UNITS = 500;
    uint64 internal constant VALID_FROM = 1_790_000_000;
    uint64 internal constant VALID_UNTIL = 1_890_000_000;
    uint32 internal constant ANSWER_SECONDS = 86_400;

    StubTrade internal trade;
    DeliveryReceipts internal receipts;
    /// @dev The contract under test, fixed by the test's setUp.
    address internal target;

    function setUp() public virtual override {
        super.setUp();
        trade = StubTrade(deployed("StubTrade", ""));
        receipts = DeliveryReceipts(
            deployed("DeliveryReceipts", abi.encode(registry(), agreementRegistry(), IProductRegistry(address(trade))))
        );
        admit("provider", BodyRoles.PROVIDER);
        admit("consumer", BodyRoles.CONSUMER);
        admit("stranger", BodyRoles.PROVIDER | BodyRoles.CONSUMER);
        agree(AGREEMENT, true, 0);
    }

    /// @notice Makes a call of the contract under test, which must revert with exactly this.
    function requireRefused(bytes memory call_, bytes memory expected) internal {
        requireRefused(target, call_, expected);
    }

    function agreementRegistry() internal view returns (IDigitalContractRegistry) {
        return IDigitalContractRegistry(address(trade));
    }

    /// @notice Concludes an agreement of provider and consumer.
    function agree(AgreementId agreementId, bool silenceAccepts, bytes32 bookingTermsHash) internal {
        trade.setAgreement(
            agreementId,
            IDigitalContractRegistry.DeliveryTerms(
                idOf("provider"),
                idOf("consumer"),
                VALID_FROM,
                VALID_UNTIL,
                ANSWER_SECONDS,
                silenceAccepts
            ),
            bookingTermsHash,
            PRODUCT
        );
    }

    function openStream(AgreementId agreementId, ConnectorId connectorId) internal returns (StreamId) {
        bytes memory head = streamHead(agreementId, connectorId, FIRST_SEQUENCE);
        return receipts.openStream(agreementId, connectorId, FIRST_SEQUENCE, metered("provider", head), consumed(head));
    }

    /// @notice The next claim of a stream: ten sequence numbers and 500 units.
    function nextClaim(StreamId streamId) internal view returns (IDeliveryReceipts.UsageClaim memory) {
        IDeliveryReceipts.Stream memory stream = receipts.streamOf(streamId);
        return
            IDeliveryReceipts.UsageClaim(
                streamId,
                stream.statements,
                stream.nextSequence,
                stream.nextSequence + 10,
                UNITS,
                10,
                123_456,
                keccak256(abi.encode("batches", stream.statements)),
                PeriodId.wrap(202701)
            );
    }

    function stateNext(StreamId streamId) internal returns (StatementId) {
        IDeliveryReceipts.UsageClaim memory claim = nextClaim(streamId);
        return receipts.state(claim, metered("provider", claimHead(claim)));
    }

    function answerWith(StreamId streamId, uint64 index, uint64 acceptedUnits) internal {
        bytes32 claimHash = receipts.statementOf(streamId, index).claimHash;
        bytes32 grounds = acceptedUnits == UNITS ? bytes32(0) : keccak256("grounds");
        bytes memory head = acknowledgementHead(claimHash, acceptedUnits, grounds);
        receipts.answer(streamId, index, acceptedUnits, grounds, consumed(head));
    }

    function metered(string memory name, bytes memory head) internal view returns (PartySignature memory) {
        return sign(RECEIPTS_DOMAIN, address(receipts), head, name, METERING);
    }

    function consumed(bytes memory head) internal view returns (PartySignature memory) {
        return metered("consumer", head);
    }

    function streamHead(
        AgreementId agreementId,
        ConnectorId connectorId,
        uint64 firstSequence
    ) internal pure returns (bytes memory) {
        bytes32 typeHash = keccak256(
            bytes(string.concat("Stream(bytes32 agreementId,bytes32 connectorId,uint64 firstSequence,", TAIL))
        );
        return abi.encode(typeHash, agreementId, connectorId, uint256(firstSequence));
    }

    function claimHashOf(IDeliveryReceipts.UsageClaim memory claim) internal pure returns (bytes32) {
        bytes memory first = abi.encode(
            keccak256(bytes(CLAIM_TYPE)),
            claim.streamId,
            uint256(claim.index),
            uint256(claim.firstSequence),
            uint256(claim.nextSequence)
        );
        bytes memory second = abi.encode(
            uint256(claim.units),
            uint256(claim.records),
            uint256(claim.byteCount),
            claim.batchRoot,
            uint256(PeriodId.unwrap(claim.servicePeriod))
        );
        return keccak256(bytes.concat(first, second));
    }

    function claimHead(IDeliveryReceipts.UsageClaim memory claim) internal pure returns (bytes memory) {
        bytes32 typeHash = keccak256(bytes(string.concat("UsageStatement(UsageClaim claim,", TAIL, CLAIM_TYPE)));
        return abi.encode(typeHash, claimHashOf(claim));
    }

    function acknowledgementHead(
        bytes32 claimHash,
        uint64 acceptedUnits,
        bytes32 groundsDigest
    ) internal pure returns (bytes memory) {
        bytes32 typeHash = keccak256(
            bytes(
                string.concat(
                    "Acknowledgement(UsageClaim claim,uint64 acceptedUnits,bytes32 groundsDigest,",
                    TAIL,
                    CLAIM_TYPE
                )
            )
        );
        return abi.encode(typeHash, claimHash, uint256(acceptedUnits), groundsDigest);
    }

    function gapHead(
        StreamId streamId,
        uint64 firstSequence,
        uint64 nextSequence,
        bytes32 reasonDigest
    ) internal pure returns (bytes memory) {
        bytes32 typeHash = keccak256(
            bytes(
                string.concat(
                    "GapVoid(bytes32 streamId,uint64 firstSequence,uint64 nextSequence,bytes32 reasonDigest,",
                    TAIL
                )
            )
        );
        return abi.encode(typeHash, streamId, uint256(firstSequence), uint256(nextSequence), reasonDigest);
    }
}
