// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {TradeActsBehaviour} from "./behaviours/TradeActs.sol";

/// @title Every signature that the registry of agreements takes
contract DigitalContractRegistryActsTest is TradeActsBehaviour {
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

    IProductRegistry.ProductVersion private _product;
    IDigitalContractRegistry.Agreement private _agreement;

    function setUp() public override {
        super.setUp();
        _product = listed("product", 0);
    }

    function rows() internal pure override returns (uint256) {
        return uint256(type(Rows).max) + 1;
    }

    function target() internal view override returns (address) {
        return address(agreements);
    }

    function domain() internal pure override returns (string memory) {
        return AGREEMENTS;
    }

    function prepare(uint256 number) internal override returns (Row memory) {
        Rows row = Rows(number);
        IDigitalContractRegistry.Agreement memory agreement = agreementOf(vm.toString(number), _product);
        if (row < Rows.FILE) {
            BodyId[] memory parties = new BodyId[](3);
            (parties[0], parties[1], parties[2]) = (party("provider"), party("consumer"), party("holder"));
            agreement.parties = parties;
            _agreement = agreement;
            return _rowOfConclusion(row, headOfAgreement(agreement));
        }
        conclude(agreement);
        _agreement = agreement;
        if (row == Rows.FILE) {
            bytes memory filing = headOfAgreementFiling(agreement);
            return Row("file", "authorisation", false, BodyRoles.PLATFORMS, false, filing);
        }
        bytes memory head = headOfTermination(agreement.agreementId, _EFFECTIVE_AT);
        if (row == Rows.TERMINATE_BY_ARBITRATOR) {
            uint32 roles = BodyRoles.ARBITRATOR | BodyRoles.REGULATOR;
            return Row("terminate", "arbitrator", false, roles, false, head);
        }
        return Row("terminate", row == Rows.TERMINATE_BY_PROVIDER ? "provider" : "consumer", true, 0, true, head);
    }

    function callOf(uint256 number, PartySignature memory signed) internal view override returns (bytes memory) {
        Rows row = Rows(number);
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
        parties[number] = signed;
        return abi.encodeCall(IDigitalContractRegistry.conclude, (_agreement, parties));
    }

    function errorOfReplay(uint256 number) internal view override returns (bytes memory) {
        Rows row = Rows(number);
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
        bytes memory head = headOfTermination(_agreement.agreementId, _EFFECTIVE_AT);
        PartySignature[] memory signers = one(signed);
        if (row == Rows.TERMINATE_BY_PROVIDER) {
            signers = two(signed, signA(head, "consumer"));
        } else if (row == Rows.TERMINATE_BY_CONSUMER) {
            signers = two(signA(head, "provider"), signed);
        }
        return
            abi.encodeCall(
                IDigitalContractRegistry.terminate,
                (_agreement.agreementId, _EFFECTIVE_AT, REASON, signers)
            );
    }

    function _rowOfConclusion(Rows row, bytes memory head) private pure returns (Row memory) {
        if (row == Rows.CONCLUDE_BY_PROVIDER) {
            uint32 providers = BodyRoles.PROVIDER | BodyRoles.DEVELOPER | BodyRoles.DATA_HOLDER;
            return Row("conclude", "provider", true, providers, false, head);
        }
        if (row == Rows.CONCLUDE_BY_CONSUMER) {
            return Row("conclude", "consumer", true, BodyRoles.CONSUMER, false, head);
        }
        return Row("conclude", "holder", true, 0, false, head);
    }
}
