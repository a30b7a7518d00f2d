// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title Council: the bodies of the consortium act together
/// @notice An act (one call of one contract) is done when enough bodies signed it. Bodies sign off-chain by EIP-712,
/// anyone relays. Domain: name "CityLedger Council", version "1", chain id, this contract. Type:
/// `Act(address target,bytes data,uint256 nonce,uint256 deadline)`.
/// The council has no owner; only an act of its own changes its bodies or its threshold.
interface ICouncil {
    /// @notice An act was done.
    /// @param nonce Number of the act, counted from 0.
    /// @param target Contract that was called.
    /// @param data What it was called with.
    event ActExecuted(uint256 indexed nonce, address indexed target, bytes data);

    /// @notice Bodies and threshold are now these.
    /// @param bodies All bodies, ascending.
    /// @param threshold Number of bodies that must sign an act.
    event MembershipChanged(address[] bodies, uint256 threshold);

    /// @notice Only an act of the council may do this.
    /// @param caller Who called.
    error CouncilUnauthorizedCaller(address caller);

    /// @notice The threshold must be at least 1 and at most the number of bodies.
    /// @param threshold The threshold.
    /// @param bodies Number of bodies.
    error CouncilInvalidThreshold(uint256 threshold, uint256 bodies);

    /// @notice More bodies than the bounded loops allow.
    /// @param bodies Number of bodies.
    error CouncilTooManyBodies(uint256 bodies);

    /// @notice Bodies must be strictly ascending, so that none is zero and none stands twice.
    /// @param previous The body before, or zero.
    /// @param body The body that is not above it.
    error CouncilBodiesNotAscending(address previous, address body);

    /// @notice The act's time is over.
    /// @param deadline Last second in which it could be done, Unix time.
    /// @param timestamp Time of the block.
    error CouncilActExpired(uint256 deadline, uint256 timestamp);

    /// @notice Too few bodies signed.
    /// @param signatures Number of signatures.
    /// @param threshold Number that is needed.
    error CouncilTooFewSignatures(uint256 signatures, uint256 threshold);

    /// @notice Signatures must be ordered by strictly ascending signer, so that none counts twice. A signature of
    /// another act, or not in the one accepted form, shows here or as {CouncilUnknownSigner}.
    /// @param previous The signer before, or zero.
    /// @param signer The signer that is not above it.
    error CouncilSignersNotAscending(address previous, address signer);

    /// @notice A signer is no body.
    /// @param signer Who signed.
    error CouncilUnknownSigner(address signer);

    /// @notice A call of an address without code would succeed and do nothing.
    /// @param target The address.
    error CouncilTargetWithoutCode(address target);

    /// @notice The call failed; nothing was done and the nonce is not used up.
    /// @param target Contract that was called.
    /// @param reason What it reverted with.
    error CouncilActFailed(address target, bytes reason);

    /// @notice Does an act that enough bodies signed. Anyone may relay it.
    /// @dev Emits {ActExecuted} before whatever the call emits. Requirements: the block is not later than `deadline`;
    /// at least `threshold` signatures, all by bodies, over the present nonce, ordered by strictly ascending signer;
    /// the target has code; the call succeeds.
    /// @param target Contract to call.
    /// @param data What to call it with.
    /// @param deadline Last second in which the act may be done, Unix time.
    /// @param signatures r || s || v each, 65 bytes, low s, v 27 or 28.
    /// @return result What the call returned.
    function execute(
        address target,
        bytes calldata data,
        uint256 deadline,
        bytes[] calldata signatures
    ) external returns (bytes memory result);

    /// @notice Replaces all bodies and the threshold. Only by an act of the council itself.
    /// @dev Emits {MembershipChanged}.
    /// @param newBodies All bodies, strictly ascending, at most 64.
    /// @param newThreshold Number of bodies that must sign an act.
    function changeMembership(address[] calldata newBodies, uint256 newThreshold) external;

    /// @notice All bodies, ascending.
    /// @return The bodies.
    function bodies() external view returns (address[] memory);

    /// @notice Whether an address is a body now.
    /// @param account The address.
    /// @return Whether it is.
    function isBody(address account) external view returns (bool);

    /// @notice Number of bodies that must sign an act.
    /// @return The threshold.
    function threshold() external view returns (uint256);

    /// @notice Number that the next act must be signed with.
    /// @return The nonce.
    function nonce() external view returns (uint256);
}
