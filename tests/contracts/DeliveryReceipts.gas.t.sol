// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../../contracts/interfaces/IDeliveryReceipts.sol";
import {ConnectorId, StreamId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {GasGolden} from "./helpers/GasGolden.sol";
import {UsageFixture} from "./helpers/Usage.sol";

/// @title What acts on usage cost, as whole transactions, and the size of the code
/// @notice Each act is prepared in setUp, on contracts of its own, so that all slots and addresses are cold when it is
/// measured, as in a transaction. The registries are stand-ins with as many slots as their interfaces promise.
contract DeliveryReceiptsGasTest is GasGolden, UsageFixture {
    struct Prepared {
        string name;
        address target;
        bytes call_;
    }

    uint256 private constant _ACKNOWLEDGED_LIMIT = 150_000;
    bytes32 private constant _REASON = keccak256("reason");

    Prepared[] private _prepared;
    StreamId private _last;

    function setUp() public override {
        _world();
        _prepare("openStream", _openCall(ConnectorId.wrap(keccak256("new"))));
        _prepare("stateAcknowledged_first", _acknowledgedCall(_world()));
        _prepare("stateAcknowledged", _acknowledgedCall(_used()));
        _prepare("state", _stateCall(_used()));
        _prepare("answer_all", _answerCall(_used(), UNITS, 0));
        _prepare("answer_part", _answerCall(_used(), 1, keccak256("grounds")));
        _prepare("voidGap", _voidCall(_used()));
        _prepare("lapse_to_lapsed", abi.encodeCall(IDeliveryReceipts.lapse, (_used(), 0)));
        _last = _used();
        _prepare("lapse_to_unanswered", abi.encodeCall(IDeliveryReceipts.lapse, (_last, 0)));
        suspend("consumer");
    }

    function test_gasAndSize_areTheGoldenOnes() public {
        for (uint256 i = 0; i < _prepared.length; ++i) {
            Prepared memory act = _prepared[i];
            if (i == _prepared.length - 2) {
                vm.warp(block.timestamp + 2 * uint256(ANSWER_SECONDS) + 1);
            }
            uint256 gas_ = recordGas(act.name, act.target, act.call_);
            vm.assertTrue(i < 1 || i > 2 || gas_ < _ACKNOWLEDGED_LIMIT, act.name);
        }
        _recordViews();
        record("bytes_of_code", address(receipts).code.length);
        requireGoldens("DeliveryReceipts");
    }

    function _recordViews() private {
        address target = address(receipts);
        recordGas("streamOf", target, abi.encodeCall(IDeliveryReceipts.streamOf, (_last)));
        recordGas("statementOf", target, abi.encodeCall(IDeliveryReceipts.statementOf, (_last, 0)));
        recordGas("chargeableUnits", target, abi.encodeCall(IDeliveryReceipts.chargeableUnits, (_last, 0, 1)));
        recordGas("contestedUnits", target, abi.encodeCall(IDeliveryReceipts.contestedUnits, (_last, 0)));
        recordGas("partiesOf", target, abi.encodeCall(IDeliveryReceipts.partiesOf, (_last)));
        recordGas("agreements", target, abi.encodeCall(IDeliveryReceipts.agreements, ()));
        recordGas("products", target, abi.encodeCall(IDeliveryReceipts.products, ()));
        recordGas("MAX_RANGE", target, abi.encodeCall(receipts.MAX_RANGE, ()));
        recordPartyViews(target);
    }

    function _prepare(string memory name, bytes memory call_) private {
        _prepared.push(Prepared(name, address(receipts), call_));
    }

    /// @dev New contracts with one open stream.
    function _world() private returns (StreamId) {
        super.setUp();
        return openStream(AGREEMENT, CONNECTOR);
    }

    /// @dev New contracts, and one statement that waits for its answer.
    function _used() private returns (StreamId streamId) {
        streamId = _world();
        stateNext(streamId);
    }

    function _openCall(ConnectorId connectorId) private view returns (bytes memory) {
        bytes memory head = streamHead(AGREEMENT, connectorId, 0);
        PartySignature memory provider = metered("provider", head);
        return abi.encodeCall(IDeliveryReceipts.openStream, (AGREEMENT, connectorId, 0, provider, consumed(head)));
    }

    function _stateCall(StreamId streamId) private view returns (bytes memory) {
        IDeliveryReceipts.UsageClaim memory claim = nextClaim(streamId);
        return abi.encodeCall(IDeliveryReceipts.state, (claim, metered("provider", claimHead(claim))));
    }

    function _acknowledgedCall(StreamId streamId) private view returns (bytes memory) {
        IDeliveryReceipts.UsageClaim memory claim = nextClaim(streamId);
        PartySignature memory provider = metered("provider", claimHead(claim));
        PartySignature memory consumer = consumed(acknowledgementHead(claimHashOf(claim), UNITS, 0));
        return abi.encodeCall(IDeliveryReceipts.stateAcknowledged, (claim, provider, consumer));
    }

    function _answerCall(StreamId streamId, uint64 accepted, bytes32 grounds) private view returns (bytes memory) {
        bytes memory head = acknowledgementHead(receipts.statementOf(streamId, 0).claimHash, accepted, grounds);
        return abi.encodeCall(IDeliveryReceipts.answer, (streamId, 0, accepted, grounds, consumed(head)));
    }

    function _voidCall(StreamId streamId) private view returns (bytes memory) {
        uint64 next = receipts.streamOf(streamId).nextSequence;
        bytes memory head = gapHead(streamId, next, next + 1, _REASON);
        PartySignature memory provider = metered("provider", head);
        return abi.encodeCall(IDeliveryReceipts.voidGap, (streamId, next, next + 1, _REASON, provider, consumed(head)));
    }
}
