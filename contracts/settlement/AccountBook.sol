// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {PartyActs} from "../access/PartyActs.sol";
import {IPayeeAccounts} from "../interfaces/IPayeeAccounts.sol";
import {PayoutTypedData} from "../libraries/PayoutTypedData.sol";
import {BodyId, PayeeAccountId} from "../types/Ids.sol";
import {KeyPurposes} from "../types/KeyPurposes.sol";
import {PartySignature} from "../types/Parties.sol";

/// @title The payee accounts of `Payouts`
/// @notice See {IPayeeAccounts}. A version is never changed or taken away, only cancelled while it cools.
abstract contract AccountBook is PartyActs, IPayeeAccounts {
    bytes32 private constant _ACCOUNT_DOMAIN = keccak256("cityledger/v1/account");

    uint32 private immutable _COOLING_SECONDS;

    mapping(BodyId payee => AccountVersion[] versions) private _accounts;

    /// @notice Fixes the cooling period.
    /// @param coolingSeconds How long a change cools, in seconds.
    constructor(uint32 coolingSeconds) {
        _COOLING_SECONDS = coolingSeconds;
    }

    /// @inheritdoc IPayeeAccounts
    function signAccount(
        BodyId payee,
        uint32 version,
        bytes32 accountDigest,
        PartySignature[] calldata signatures
    ) external returns (PayeeAccountId accountId) {
        bool isChange = _requireNextVersion(payee, version);
        if (accountDigest == 0) {
            revert PayeeAccountsZeroDigest();
        }
        uint256 expected = isChange ? 2 : 1;
        if (signatures.length != expected) {
            revert PayeeAccountsSignatureCount(expected, signatures.length);
        }
        bytes memory head = PayoutTypedData.headOfAccount(payee, version, accountDigest);
        _requireSignedBy(payee, head, signatures[0], KeyPurposes.FINANCE, false);
        if (isChange) {
            // The registry lets FINANCE stand alone in a key: these are two keys.
            _requireSignedBy(payee, head, signatures[1], KeyPurposes.BUSINESS, false);
        }
        uint48 validFrom = isChange ? _now() + _COOLING_SECONDS : _now();
        _accounts[payee].push(AccountVersion(accountDigest, validFrom, false, _lastHolding(payee)));
        accountId = _accountId(payee, version, accountDigest);
        emit PayeeAccountSigned(payee, version, accountId, accountDigest, validFrom);
    }

    /// @inheritdoc IPayeeAccounts
    function cancelAccount(BodyId payee, uint32 version, uint8 purpose, PartySignature calldata signature) external {
        AccountVersion[] storage versions = _accounts[payee];
        // Only the newest version can be cooling: no other is signed meanwhile.
        if (version == 0 || version != versions.length || !_isCooling(versions[version - 1])) {
            revert PayeeAccountsNothingToCancel(payee, version);
        }
        if (purpose != KeyPurposes.FINANCE && purpose != KeyPurposes.BUSINESS) {
            revert PayeeAccountsWrongPurpose(purpose);
        }
        _requireSignedBy(payee, PayoutTypedData.headOfCancellation(payee, version), signature, purpose, true);
        versions[version - 1].isCancelled = true;
        emit PayeeAccountCancelled(payee, version);
    }

    /// @inheritdoc IPayeeAccounts
    function accountVersion(BodyId payee, uint32 version) external view returns (AccountVersion memory) {
        AccountVersion[] storage versions = _accounts[payee];
        if (version == 0 || version > versions.length) {
            return AccountVersion(0, 0, false, 0);
        }
        return versions[version - 1];
    }

    /// @inheritdoc IPayeeAccounts
    function accountAt(BodyId payee, uint256 time) external view returns (PayeeAccountId accountId, uint32 version) {
        return _accountAt(payee, time);
    }

    /// @inheritdoc IPayeeAccounts
    function accountVersions(BodyId payee) external view returns (uint32) {
        return uint32(_accounts[payee].length);
    }

    /// @inheritdoc IPayeeAccounts
    function coolingPeriod() external view returns (uint32) {
        return _COOLING_SECONDS;
    }

    /// @dev Newest version that held at the time. Walks back over versions that came later, each a cooling period after
    /// the one before, and over one cancelled version at most: the rest is not in the chain of `previous`.
    function _accountAt(BodyId payee, uint256 time) internal view returns (PayeeAccountId accountId, uint32 version) {
        AccountVersion[] storage versions = _accounts[payee];
        version = uint32(versions.length);
        if (version == 0) {
            revert PayeeAccountsNone(payee);
        }
        // The first version is never cancelled, and holds for tables from before it was signed, too.
        while (version > 1 && (versions[version - 1].isCancelled || versions[version - 1].validFrom > time)) {
            version = versions[version - 1].previous;
        }
        return (_accountId(payee, version, versions[version - 1].accountDigest), version);
    }

    /// @dev Newest version that was not cancelled; zero when there is none at all. Whoever signs a new one has seen the
    /// one before it cooled down or cancelled, so none of these is cancelled later.
    function _lastHolding(BodyId payee) private view returns (uint32) {
        AccountVersion[] storage versions = _accounts[payee];
        uint256 count = versions.length;
        if (count == 0) {
            return 0;
        }
        AccountVersion storage last = versions[count - 1];
        return last.isCancelled ? last.previous : uint32(count);
    }

    /// @dev Time of the block. What a validator can shift its clock by is nothing beside cooling periods of days.
    function _now() internal view returns (uint48) {
        // solhint-disable-next-line not-rely-on-time
        return uint48(block.timestamp);
    }

    /// @dev Whether this is a change and not the first version; reverts when it is not its turn.
    function _requireNextVersion(BodyId payee, uint32 version) private view returns (bool isChange) {
        AccountVersion[] storage versions = _accounts[payee];
        uint256 count = versions.length;
        if (version != count + 1) {
            revert PayeeAccountsWrongVersion(payee, uint32(count + 1), version);
        }
        isChange = count != 0;
        if (isChange && _isCooling(versions[count - 1])) {
            revert PayeeAccountsCooling(payee, versions[count - 1].validFrom);
        }
    }

    function _isCooling(AccountVersion storage version) private view returns (bool) {
        return !version.isCancelled && version.validFrom > _now();
    }

    function _accountId(BodyId payee, uint32 version, bytes32 accountDigest) private pure returns (PayeeAccountId) {
        return PayeeAccountId.wrap(keccak256(abi.encode(_ACCOUNT_DOMAIN, payee, version, accountDigest)));
    }
}
