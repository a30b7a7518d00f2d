// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ICouncil} from "./interfaces/ICouncil.sol";
import {Signatures} from "./libraries/Signatures.sol";

/// @title Council
/// @notice See {ICouncil}. m of n by EIP-712; no owner, no value, no upgrade.
contract Council is ICouncil {
    /// @notice Most bodies a council may have: every loop over them stays far below any block's gas limit.
    uint256 public constant MAX_BODIES = 64;

    bytes32 private constant _DOMAIN_TYPE_HASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant _NAME_HASH = keccak256("CityLedger Council");
    bytes32 private constant _VERSION_HASH = keccak256("1");
    bytes32 private constant _ACT_TYPE_HASH = keccak256(
        "Act(address target,bytes data,uint256 nonce,uint256 deadline)"
    );

    address[] private _bodies;
    mapping(address body => bool isBody) private _isBody;
    uint256 private _threshold;
    uint256 private _nonce;

    /// @notice Founds a council.
    /// @param bodies_ All bodies, strictly ascending, at most 64.
    /// @param threshold_ Number of bodies that must sign an act.
    constructor(address[] memory bodies_, uint256 threshold_) {
        _setMembership(bodies_, threshold_);
    }

    /// @inheritdoc ICouncil
    function execute(
        address target,
        bytes calldata data,
        uint256 deadline,
        bytes[] calldata signatures
    ) external returns (bytes memory result) {
        if (block.timestamp > deadline) {
            revert CouncilActExpired(deadline, block.timestamp);
        }
        uint256 nonce_ = _nonce;
        _requireSignatures(_signingDigest(target, data, nonce_, deadline), signatures);
        if (target.code.length == 0) {
            revert CouncilTargetWithoutCode(target);
        }
        // Before the call: whatever the target does, these signatures are used up.
        _nonce = nonce_ + 1;
        emit ActExecuted(nonce_, target, data);
        bool success;
        // The target is whatever contract the bodies signed for: only a low-level call can do that.
        // solhint-disable-next-line avoid-low-level-calls
        (success, result) = target.call(data);
        if (!success) {
            revert CouncilActFailed(target, result);
        }
    }

    /// @inheritdoc ICouncil
    function changeMembership(address[] calldata newBodies, uint256 newThreshold) external {
        if (msg.sender != address(this)) {
            revert CouncilUnauthorizedCaller(msg.sender);
        }
        for (uint256 i = 0; i < _bodies.length; ++i) {
            _isBody[_bodies[i]] = false;
        }
        _setMembership(newBodies, newThreshold);
    }

    /// @inheritdoc ICouncil
    function bodies() external view returns (address[] memory) {
        return _bodies;
    }

    /// @inheritdoc ICouncil
    function isBody(address account) external view returns (bool) {
        return _isBody[account];
    }

    /// @inheritdoc ICouncil
    function threshold() external view returns (uint256) {
        return _threshold;
    }

    /// @inheritdoc ICouncil
    function nonce() external view returns (uint256) {
        return _nonce;
    }

    /// @dev Expects that nobody is marked as a body.
    function _setMembership(address[] memory bodies_, uint256 threshold_) private {
        if (threshold_ == 0 || threshold_ > bodies_.length) {
            revert CouncilInvalidThreshold(threshold_, bodies_.length);
        }
        if (bodies_.length > MAX_BODIES) {
            revert CouncilTooManyBodies(bodies_.length);
        }
        address previous = address(0);
        for (uint256 i = 0; i < bodies_.length; ++i) {
            address body = bodies_[i];
            if (body <= previous) {
                revert CouncilBodiesNotAscending(previous, body);
            }
            _isBody[body] = true;
            previous = body;
        }
        _bodies = bodies_;
        _threshold = threshold_;
        emit MembershipChanged(bodies_, threshold_);
    }

    /// @dev Reverts unless enough bodies signed. The order makes signers distinct and excludes the zero address, which
    /// is what a malformed signature recovers to.
    function _requireSignatures(bytes32 signingDigest, bytes[] calldata signatures) private view {
        if (signatures.length < _threshold) {
            revert CouncilTooFewSignatures(signatures.length, _threshold);
        }
        address previous = address(0);
        for (uint256 i = 0; i < signatures.length; ++i) {
            address signer = Signatures.recoverSigner(signingDigest, signatures[i]);
            if (signer <= previous) {
                revert CouncilSignersNotAscending(previous, signer);
            }
            if (!_isBody[signer]) {
                revert CouncilUnknownSigner(signer);
            }
            previous = signer;
        }
    }

    /// @dev What bodies sign; the domain follows the chain id.
    function _signingDigest(
        address target,
        bytes calldata data,
        uint256 nonce_,
        uint256 deadline
    ) private view returns (bytes32 digest) {
        bytes32 separator = keccak256(
            abi.encode(_DOMAIN_TYPE_HASH, _NAME_HASH, _VERSION_HASH, block.chainid, address(this))
        );
        bytes32 structHash = keccak256(abi.encode(_ACT_TYPE_HASH, target, keccak256(data), nonce_, deadline));
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }
}
