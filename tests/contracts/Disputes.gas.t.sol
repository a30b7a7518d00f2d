// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {BodyId, DisputeId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {CasesFixture} from "./helpers/Cases.sol";
import {GasGolden} from "./helpers/GasGolden.sol";

/// @title What acts on cases cost, as whole transactions, and the size of the code
/// @notice As for `DeliveryReceipts`: each act is prepared in setUp, on contracts of its own.
contract DisputesGasTest is GasGolden, CasesFixture {
    struct Prepared {
        string name;
        address target;
        bytes call_;
    }

    bytes32 private constant _RULING = keccak256("ruling");

    Prepared[] private _prepared;
    DisputeId private _last;

    function setUp() public override {
        _world();
        _prepare("open_agreement", openCall("consumer", agreementCase()));
        _world();
        _prepare("open_statement", openCall("consumer", statementCase()));
        _world();
        _prepare("open_line_with_freeze", openCall("consumer", lineCase()));
        _world();
        _prepare("open_line_with_freeze_by_recipient", openCall("platform", lineCase()));
        _world();
        _prepare("extendFreeze", _extendCall(openCase("consumer", lineCase())));
        _world();
        _prepare("resolve_ruling_of_units", _ruleCall(openCase("consumer", statementCase()), 100, false));
        _world();
        _prepare("resolve_ruling_of_gross", _ruleCall(openCase("consumer", lineCase()), 0, true));
        _world();
        _prepare("resolve_settlement", _settleCall(openCase("consumer", agreementCase())));
        _world();
        _prepare("resolve_settlement_with_the_opener", _settleWithOpenerCall(openCase("platform", lineCase())));
        _world();
        _prepare("withdraw", _withdrawCall(openCase("consumer", agreementCase())));
        _world();
        _last = openCase("consumer", lineCase());
    }

    function test_gasAndSize_areTheGoldenOnes() public {
        for (uint256 i = 0; i < _prepared.length; ++i) {
            Prepared memory act = _prepared[i];
            recordGas(act.name, act.target, act.call_);
        }
        _recordViews();
        record("bytes_of_code", address(disputes).code.length);
        requireGoldens("Disputes");
    }

    function _recordViews() private {
        BodyId payee = lineCase().frozenPayee;
        recordGas("disputeOf", target, abi.encodeCall(IDisputes.disputeOf, (_last)));
        recordGas("awardOf", target, abi.encodeCall(IDisputes.awardOf, (_last)));
        recordGas("caseCount", target, abi.encodeCall(IDisputes.caseCount, (AGREEMENT, idOf("consumer"))));
        recordGas("awardedUnits", target, abi.encodeCall(IDisputes.awardedUnits, (statementCase().streamId, 0)));
        recordGas("freezesOf_one", target, abi.encodeCall(IDisputes.freezesOf, (lineId(), payee)));
        recordGas("frozenAmount_one", target, abi.encodeCall(IDisputes.frozenAmount, (lineId(), payee)));
        recordGas("maxFreezeSeconds", target, abi.encodeCall(IDisputes.maxFreezeSeconds, ()));
        recordGas("agreements", target, abi.encodeCall(IDisputes.agreements, ()));
        recordGas("receipts", target, abi.encodeCall(IDisputes.receipts, ()));
        recordGas("MAX_RECIPIENT_FREEZES", target, abi.encodeCall(disputes.MAX_RECIPIENT_FREEZES, ()));
        recordPartyViews(target);
    }

    function _world() private {
        delete proof;
        super.setUp();
    }

    function _prepare(string memory name, bytes memory call_) private {
        _prepared.push(Prepared(name, target, call_));
    }

    function _extendCall(DisputeId disputeId) private view returns (bytes memory) {
        uint64 reviewAt = uint64(block.timestamp + 2 days);
        PartySignature memory arbitrator = business("arbitrator", extensionHead(disputeId, reviewAt, 0));
        return abi.encodeCall(IDisputes.extendFreeze, (disputeId, reviewAt, 0, arbitrator));
    }

    function _ruleCall(DisputeId disputeId, uint64 awarded, bool correctsGross) private view returns (bytes memory) {
        (uint64 base, uint64 gross) = correctsGross ? (uint64(1000), uint64(900)) : (uint64(0), uint64(0));
        bytes memory head = rulingHead(disputeId, _RULING, awarded, correctsGross, base, gross);
        PartySignature[] memory signers = ruledBy("arbitrator", head);
        return abi.encodeCall(IDisputes.resolve, (disputeId, _RULING, awarded, correctsGross, base, gross, signers));
    }

    function _settleCall(DisputeId disputeId) private view returns (bytes memory) {
        bytes memory head = rulingHead(disputeId, _RULING, 0, false, 0, 0);
        PartySignature[] memory signers = settledBy("provider", "consumer", head);
        return abi.encodeCall(IDisputes.resolve, (disputeId, _RULING, 0, false, 0, 0, signers));
    }

    function _settleWithOpenerCall(DisputeId disputeId) private view returns (bytes memory) {
        bytes memory head = rulingHead(disputeId, _RULING, 0, true, 1000, 900);
        PartySignature[] memory signers = new PartySignature[](3);
        signers[0] = business("provider", head);
        signers[1] = business("consumer", head);
        signers[2] = business("platform", head);
        return abi.encodeCall(IDisputes.resolve, (disputeId, _RULING, 0, true, 1000, 900, signers));
    }

    function _withdrawCall(DisputeId disputeId) private view returns (bytes memory) {
        PartySignature memory opener = business("consumer", withdrawalHead(disputeId, 0));
        return abi.encodeCall(IDisputes.withdraw, (disputeId, 0, opener));
    }
}
