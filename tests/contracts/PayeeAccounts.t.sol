// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IPayeeAccounts} from "../../contracts/interfaces/IPayeeAccounts.sol";
import {PayeeAccountId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {PayoutsFixture} from "./helpers/PayoutsFixture.sol";

/// @title The life of a payee's account
contract PayeeAccountsTest is PayoutsFixture {
    function test_firstAccount_holdsAtOnce() public {
        PayeeAccountId expected = _idOf(1, "first");
        PartySignature[] memory signatures = new PartySignature[](1);
        signatures[0] = signPayout(headOfAccount("holder", 1, "first"), "holder", FINANCE);
        vm.expectEmit(address(payouts));
        emit IPayeeAccounts.PayeeAccountSigned(idOf("holder"), 1, expected, "first", uint48(block.timestamp));
        payouts.signAccount(idOf("holder"), 1, "first", signatures);
        _requireAccount(block.timestamp, 1, "first");
        // a table from before has the first account too
        _requireAccount(block.timestamp - 1, 1, "first");
        IPayeeAccounts.AccountVersion memory version = payouts.accountVersion(idOf("holder"), 1);
        vm.assertTrue(version.accountDigest == "first" && version.validFrom == block.timestamp);
        vm.assertTrue(payouts.accountVersions(idOf("holder")) == 1 && payouts.coolingPeriod() == COOLING);
        vm.assertTrue(payouts.accountVersion(idOf("holder"), 0).accountDigest == 0);
        vm.assertTrue(payouts.accountVersion(idOf("holder"), 2).accountDigest == 0);
    }

    function test_change_holdsAfterTheCoolingPeriod() public {
        signFirstAccount("holder", "first");
        changeAccount("holder", 2, "second");
        uint256 validFrom = block.timestamp + COOLING;
        _requireAccount(validFrom - 1, 1, "first");
        _requireAccount(validFrom, 2, "second");
        vm.warp(validFrom - 1);
        _refuseChange(
            3,
            "third",
            abi.encodeWithSelector(IPayeeAccounts.PayeeAccountsCooling.selector, idOf("holder"), uint48(validFrom))
        );
        vm.warp(validFrom);
        changeAccount("holder", 3, "third");
        _requireAccount(validFrom, 2, "second");
        _requireAccount(validFrom + COOLING, 3, "third");
    }

    function test_cancelledChange_neverHolds_andAnotherMayFollow() public {
        signFirstAccount("holder", "first");
        changeAccount("holder", 2, "second");
        vm.expectEmit(address(payouts));
        emit IPayeeAccounts.PayeeAccountCancelled(idOf("holder"), 2);
        _cancel(2);
        vm.assertTrue(payouts.accountVersion(idOf("holder"), 2).isCancelled);
        _requireAccount(block.timestamp + COOLING, 1, "first");
        changeAccount("holder", 3, "third");
        _requireAccount(block.timestamp + COOLING, 3, "third");
    }

    function test_cancel_ofWhatHoldsOrIsUnknown_isRefused() public {
        signFirstAccount("holder", "first");
        _refuseCancel(0, FINANCE, _nothing(0));
        _refuseCancel(1, FINANCE, _nothing(1));
        _refuseCancel(2, FINANCE, _nothing(2));
        changeAccount("holder", 2, "second");
        _refuseCancel(1, FINANCE, _nothing(1));
        vm.warp(block.timestamp + COOLING);
        _refuseCancel(2, FINANCE, _nothing(2));
    }

    function test_cancel_withAnotherPurpose_isRefused() public {
        signFirstAccount("holder", "first");
        changeAccount("holder", 2, "second");
        uint8[3] memory purposes = [METERING, BUSINESS | FINANCE, 0];
        for (uint256 i = 0; i < 3; ++i) {
            _refuseCancel(
                2,
                purposes[i],
                abi.encodeWithSelector(IPayeeAccounts.PayeeAccountsWrongPurpose.selector, purposes[i])
            );
        }
    }

    function test_signAccount_outOfTurnWithoutDigestOrWithOtherSignatures_isRefused() public {
        _refuseChange(2, "first", _wrongVersion(1, 2));
        _refuseChange(0, "first", _wrongVersion(1, 0));
        _refuseChange(1, 0, abi.encodeWithSelector(IPayeeAccounts.PayeeAccountsZeroDigest.selector));
        _refuseChange(1, "first", _signatureCount(1, 2));
        signFirstAccount("holder", "first");
        _refuseChange(1, "first", _wrongVersion(2, 1));
        PartySignature[] memory signatures = new PartySignature[](1);
        signatures[0] = signPayout(headOfAccount("holder", 2, "second"), "holder", FINANCE);
        refuse(
            abi.encodeCall(IPayeeAccounts.signAccount, (idOf("holder"), 2, "second", signatures)),
            _signatureCount(2, 1)
        );
        refuse(
            abi.encodeCall(IPayeeAccounts.signAccount, (idOf("holder"), 2, "second", new PartySignature[](0))),
            _signatureCount(2, 0)
        );
    }

    function test_accountAt_withoutAny_isRefused() public {
        refuse(
            abi.encodeCall(IPayeeAccounts.accountAt, (idOf("holder"), block.timestamp)),
            abi.encodeWithSelector(IPayeeAccounts.PayeeAccountsNone.selector, idOf("holder"))
        );
    }

    /// @notice Against the plain definition: the last version, not cancelled, that held at the time; else the first.
    function test_fuzz_accountAt_isTheLastThatHeld(uint8[6] calldata waits, uint8 cancelled, uint16 time) public {
        uint256 start = block.timestamp;
        signFirstAccount("holder", bytes32(uint256(1)));
        for (uint32 version = 2; version < 8; ++version) {
            changeAccount("holder", version, bytes32(uint256(version)));
            if ((cancelled >> version) & 1 == 1) {
                _cancel(version);
            }
            vm.warp(block.timestamp + COOLING + uint256(waits[version - 2]) * 1 hours);
        }
        uint256 moment = start + uint256(time) * 30 minutes;
        uint32 expected = 1;
        for (uint32 version = 2; version < 8; ++version) {
            IPayeeAccounts.AccountVersion memory one = payouts.accountVersion(idOf("holder"), version);
            if (!one.isCancelled && one.validFrom <= moment) {
                expected = version;
            }
        }
        _requireAccount(moment, expected, bytes32(uint256(expected)));
    }

    function _cancel(uint32 version) private {
        bytes memory head = headOfCancellation("holder", version);
        payouts.cancelAccount(idOf("holder"), version, FINANCE, signPayout(head, "holder", FINANCE));
    }

    function _refuseCancel(uint32 version, uint8 purpose, bytes memory refusal) private {
        PartySignature memory party = signPayout(headOfCancellation("holder", version), "holder", FINANCE);
        refuse(abi.encodeCall(IPayeeAccounts.cancelAccount, (idOf("holder"), version, purpose, party)), refusal);
    }

    function _refuseChange(uint32 version, bytes32 digest, bytes memory refusal) private {
        PartySignature[] memory signatures = bothKeys("holder", version, digest);
        refuse(abi.encodeCall(IPayeeAccounts.signAccount, (idOf("holder"), version, digest, signatures)), refusal);
    }

    function _requireAccount(uint256 time, uint32 version, bytes32 digest) private view {
        (PayeeAccountId accountId, uint32 version_) = payouts.accountAt(idOf("holder"), time);
        vm.assertEq(version_, version);
        vm.assertEq(PayeeAccountId.unwrap(accountId), PayeeAccountId.unwrap(_idOf(version, digest)));
    }

    function _idOf(uint32 version, bytes32 digest) private pure returns (PayeeAccountId) {
        return
            PayeeAccountId.wrap(
                keccak256(abi.encode(keccak256("cityledger/v1/account"), idOf("holder"), version, digest))
            );
    }

    function _nothing(uint32 version) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPayeeAccounts.PayeeAccountsNothingToCancel.selector, idOf("holder"), version);
    }

    function _wrongVersion(uint32 expected, uint32 version) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IPayeeAccounts.PayeeAccountsWrongVersion.selector,
                idOf("holder"),
                expected,
                version
            );
    }

    function _signatureCount(uint256 expected, uint256 actual) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPayeeAccounts.PayeeAccountsSignatureCount.selector, expected, actual);
    }
}
