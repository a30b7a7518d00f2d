// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {SignedActs} from "./behaviours/SignedActs.sol";
import {PartiesFixture} from "./helpers/Parties.sol";
import {TradeFixture} from "./helpers/Trade.sol";

/// @title Every signature that the registry of agreements takes
contract DigitalContractRegistryActsTest is TradeFixture, SignedActs {
    enum Rows {
        CONCLUDE_BY_PROVIDER,
        CONCLUDE_BY_CONSUMER,
        CONCLUDE_BY_THIRD,
        FILE,
        TERMINATE_BY_PROVIDER,
        TERMINATE_BY_CONSUMER,
        TERMINATE_BY_ARBITRATOR
    }

    uint64 private constant _EFFECTIVE_AT = LAST_SECOND - 1;

    Rows private _row;
    IProductRegistry.ProductVersion private _product;
    IDigitalContractRegistry.Agreement private _agreement;

    function setUp() public override(PartiesFixture, TradeFixture) {
        TradeFixture.setUp();
        _product = listed("product", 0);
    }

    function test_everySignature_isHeldToTheTable() public {
        for (uint256 i = 0; i <= uint256(type(Rows).max); ++i) {
            _row = Rows(i);
            (string memory name, string memory signer, bytes memory head) = _prepare(vm.toString(i));
            checkAct(Act(name, AGREEMENTS, address(agreements), head, signer, _callOf, _errorOfReplay()));
        }
    }

    /// @dev Makes objects of its own for the row, up to the state in which its act is due.
    function _prepare(string memory name) private returns (string memory, string memory, bytes memory) {
        Rows row = _row;
        IDigitalContractRegistry.Agreement memory agreement = agreementOf(name, _product);
        if (row < Rows.FILE) {
            BodyId[] memory parties = new BodyId[](3);
            (parties[0], parties[1], parties[2]) = (party("provider"), party("consumer"), party("holder"));
            agreement.parties = parties;
            _agreement = agreement;
            bytes memory conclusion = headOfAgreement(agreement);
            if (row == Rows.CONCLUDE_BY_PROVIDER) {
                return ("DigitalContractRegistry.conclude.provider", "provider", conclusion);
            }
            return
                row == Rows.CONCLUDE_BY_CONSUMER
                    ? ("DigitalContractRegistry.conclude.consumer", "consumer", conclusion)
                    : ("DigitalContractRegistry.conclude.third", "holder", conclusion);
        }
        conclude(agreement);
        _agreement = agreement;
        if (row == Rows.FILE) {
            return ("DigitalContractRegistry.file.platform", "authorisation", headOfAgreementFiling(agreement));
        }
        bytes memory head = headOfTermination(agreement.agreementId, _EFFECTIVE_AT, 0);
        if (row == Rows.TERMINATE_BY_ARBITRATOR) {
            return ("DigitalContractRegistry.terminate.authority", "arbitrator", head);
        }
        return
            row == Rows.TERMINATE_BY_PROVIDER
                ? ("DigitalContractRegistry.terminate.provider", "provider", head)
                : ("DigitalContractRegistry.terminate.consumer", "consumer", head);
    }

    /// @dev The row's call with this signature in its place.
    function _callOf(PartySignature memory signed) private view returns (bytes memory) {
        Rows row = _row;
        if (row == Rows.FILE) {
            return abi.encodeCall(IDigitalContractRegistry.file, (_agreement.agreementId, FILING, signed));
        }
        if (row > Rows.FILE) {
            return _callOfTermination(row, signed);
        }
        bytes memory head = headOfAgreement(_agreement);
        PartySignature[] memory parties = new PartySignature[](3);
        parties[0] = signA(head, "provider");
        parties[1] = signA(head, "consumer");
        parties[2] = signA(head, "holder");
        parties[uint256(row)] = signed;
        return abi.encodeCall(IDigitalContractRegistry.conclude, (_agreement, noComponents(), parties));
    }

    function _errorOfReplay() private view returns (bytes memory) {
        Rows row = _row;
        bytes4 wrongStatus = IDigitalContractRegistry.DigitalContractRegistryWrongStatus.selector;
        IDigitalContractRegistry.AgreementStatus status = IDigitalContractRegistry.AgreementStatus.CONCLUDED;
        if (row >= Rows.FILE) {
            status =
                row == Rows.FILE
                    ? IDigitalContractRegistry.AgreementStatus.FILED
                    : IDigitalContractRegistry.AgreementStatus.TERMINATED;
        }
        return abi.encodeWithSelector(wrongStatus, _agreement.agreementId, status);
    }

    function _callOfTermination(Rows row, PartySignature memory signed) private view returns (bytes memory) {
        bytes memory head = headOfTermination(_agreement.agreementId, _EFFECTIVE_AT, 0);
        PartySignature[] memory signers = one(signed);
        if (row == Rows.TERMINATE_BY_PROVIDER) {
            signers = two(signed, signA(head, "consumer"));
        } else if (row == Rows.TERMINATE_BY_CONSUMER) {
            signers = two(signA(head, "provider"), signed);
        }
        return
            abi.encodeCall(
                IDigitalContractRegistry.terminate,
                (_agreement.agreementId, _EFFECTIVE_AT, REASON, 0, signers)
            );
    }
}
