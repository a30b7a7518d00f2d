// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {BodyId, PayeeAccountId} from "../types/Ids.sol";
import {PartySignature} from "../types/Parties.sol";

/// @title Payee accounts
/// @notice A part of `Payouts`. A payee's account is a salted digest in versions that only the payee signs: the first
/// with its FINANCE key, every change with its FINANCE key and a BUSINESS key, which are never one key. A change takes
/// effect after a cooling period, in which either key can cancel it. Whoever holds one of the payee's keys cannot
/// redirect money, whoever holds none cannot even propose to.
interface IPayeeAccounts {
    /// @notice One version of an account.
    /// @param accountDigest Salted digest of the bank account.
    /// @param validFrom First second in which it holds, Unix time.
    /// @param isCancelled Whether it was cancelled before it held.
    /// @param previous The version that it follows: the newest one before it that was not cancelled; zero for none.
    struct AccountVersion {
        bytes32 accountDigest;
        uint48 validFrom;
        bool isCancelled;
        uint32 previous;
    }

    /// @notice A payee signed an account.
    /// @param payee The payee.
    /// @param version Number of the version, counted from 1.
    /// @param accountId Its id.
    /// @param accountDigest Digest of the bank account.
    /// @param validFrom First second in which it holds, Unix time.
    event PayeeAccountSigned(
        BodyId indexed payee,
        uint32 indexed version,
        PayeeAccountId indexed accountId,
        bytes32 accountDigest,
        uint48 validFrom
    );
    /// @notice A change was cancelled before it held.
    /// @param payee The payee.
    /// @param version Number of the version.
    event PayeeAccountCancelled(BodyId indexed payee, uint32 indexed version);

    /// @notice Versions are signed one after the other, and none while a change is cooling.
    /// @param payee The payee.
    /// @param expected Number of the next version.
    /// @param version Number that was given.
    error PayeeAccountsWrongVersion(BodyId payee, uint32 expected, uint32 version);
    /// @notice The change before is still cooling.
    /// @param payee The payee.
    /// @param validFrom When it will hold, Unix time.
    error PayeeAccountsCooling(BodyId payee, uint48 validFrom);
    /// @notice The first version takes one signature, a change two.
    /// @param expected Number of signatures that it takes.
    /// @param actual Number that were given.
    error PayeeAccountsSignatureCount(uint256 expected, uint256 actual);
    /// @notice The digest is zero.
    error PayeeAccountsZeroDigest();
    /// @notice A change is cancelled by a FINANCE or a BUSINESS key.
    /// @param purpose The purpose that was named.
    error PayeeAccountsWrongPurpose(uint8 purpose);
    /// @notice There is nothing to cancel: unknown, holding already, or cancelled.
    /// @param payee The payee.
    /// @param version The version.
    error PayeeAccountsNothingToCancel(BodyId payee, uint32 version);
    /// @notice The payee has no account at all.
    /// @param payee The payee.
    error PayeeAccountsNone(BodyId payee);

    /// @notice Signs the first account or a change of it.
    /// @dev `PayeeAccount(bytes32 payee,uint32 version,bytes32 accountDigest,` tail. Emits {PayeeAccountSigned}.
    /// @param payee The payee.
    /// @param version Number of the version: makes a signature good for one.
    /// @param accountDigest Digest of the bank account.
    /// @param signatures By a FINANCE key; and for a change by a BUSINESS key.
    /// @return accountId Its id: keccak256(abi.encode(keccak256("cityledger/v1/account"), payee, version, digest)).
    function signAccount(
        BodyId payee,
        uint32 version,
        bytes32 accountDigest,
        PartySignature[] calldata signatures
    ) external returns (PayeeAccountId accountId);

    /// @notice Cancels a change that is cooling. The payee, by a FINANCE or a BUSINESS key, also while suspended.
    /// @dev `PayeeAccountCancellation(bytes32 payee,uint32 version,` tail. Emits {PayeeAccountCancelled}.
    /// @param payee The payee.
    /// @param version The version.
    /// @param purpose Which kind of key signs: FINANCE or BUSINESS.
    /// @param signature The payee's signature.
    function cancelAccount(BodyId payee, uint32 version, uint8 purpose, PartySignature calldata signature) external;

    /// @notice One version of a payee's account; all zero for an unknown one.
    /// @param payee The payee.
    /// @param version The version.
    /// @return The version.
    function accountVersion(BodyId payee, uint32 version) external view returns (AccountVersion memory);

    /// @notice The account that held at a time; the first one when none held yet. Reverts when there is none at all.
    /// @param payee The payee.
    /// @param time Unix time.
    /// @return accountId Its id.
    /// @return version Its version.
    function accountAt(BodyId payee, uint256 time) external view returns (PayeeAccountId accountId, uint32 version);

    /// @notice Number of versions of a payee's account.
    /// @param payee The payee.
    /// @return The number.
    function accountVersions(BodyId payee) external view returns (uint32);

    /// @notice How long a change cools. Fixed at deployment.
    /// @return The time in seconds.
    function coolingPeriod() external view returns (uint32);
}
