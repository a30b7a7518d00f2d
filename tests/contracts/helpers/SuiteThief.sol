// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IPartyActs} from "../../../contracts/interfaces/IPartyActs.sol";
import {RFC9162Harness} from "../../../contracts/mocks/RFC9162Harness.sol";
import {BodyId} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {SuiteActs} from "./SuiteActs.sol";
import {SuitePayments} from "./SuitePayments.sol";
import {deployed} from "./Deployed.sol";

/// @title What the thief has: the operator, an anchor key, all keys of one platform, bodies of its own invention
/// @notice It draws whatever it needs from one random number; signs as itself, or in the name of others with its own
/// keys; relays every act that honest bodies ever signed once more. {signed} of other bodies it must not use: its
/// signatures all come from {byThief}, which has only its own keys.
abstract contract SuiteThief is SuiteActs {
    SuitePayments internal immutable _BUSINESS;
    bytes32 internal constant LOOT = keccak256("loot");

    /// @notice Attempts and successes by function.
    mapping(string name => uint256 count) public tried;
    mapping(string name => uint256 count) public done;
    string internal platform;
    RFC9162Harness internal immutable _LOG_HEADS;
    uint256 private _random;
    uint256 private _count;

    constructor(SuitePayments business) {
        _BUSINESS = business;
        (suite, heads, disputeHeads) = business.parts();
        platform = business.stolen();
        _LOG_HEADS = RFC9162Harness(deployed("RFC9162Harness", ""));
    }

    /// @notice Honest acts, relayed once more: not one of them may work a second time.
    function relayAgain(uint256 random) external {
        _shuffle(random);
        SuitePayments.Act memory act = _BUSINESS.actAt(draw(_BUSINESS.actCount()));
        (bool success, ) = act.target.call(act.call_);
        // what is held, and what is owed, may be brought in line as often as anybody likes
        bool isAnyones = isSame(act.name, "updateHold") || isSame(act.name, "setOff");
        vm.assertTrue(!success || isAnyones, string.concat("an honest act worked twice: ", act.name));
        ++tried["relayAgain"];
    }

    function passTime(uint32 time) external {
        vm.warp(block.timestamp + (time % 1 days));
    }

    function _shuffle(uint256 random) internal {
        _random = random;
    }

    /// @dev Makes a call, counts it, and says whether it worked.
    function attempt(string memory name, address target, bytes memory call_) internal returns (bool success) {
        ++tried[name];
        (success, ) = target.call(call_);
        if (success) {
            ++done[name];
        }
    }

    /// @dev The same for what the thief can never do, whatever it signs.
    function mustFail(string memory name, address target, bytes memory call_) internal {
        vm.assertTrue(!attempt(name, target, call_), name);
    }

    /// @dev A number below `end`.
    function draw(uint256 end) internal returns (uint256) {
        _random = uint256(keccak256(abi.encode(_random, ++_count)));
        return _random % end;
    }

    function fresh() internal returns (bytes32) {
        return keccak256(abi.encode("fresh", ++_count));
    }

    /// @dev One of the thief's bodies; mostly one that may do this.
    function own(string memory fit) internal returns (string memory) {
        uint256 which = draw(16);
        return
            which == 0
                ? "operator"
                : which == 1
                    ? platform
                    : which == 2
                        ? invented(draw(4))
                        : fit;
    }

    /// @dev A body of the thief's invention: 0 and 1 provide, 2 and 3 consume.
    function invented(uint256 which) internal pure returns (string memory) {
        return string.concat("invented ", vm.toString(which % 4));
    }

    /// @dev An honest booking.
    function anyBooked() internal returns (SuitePayments.Booked memory) {
        return _BUSINESS.bookedAt(draw(_BUSINESS.bookedCount()));
    }

    /// @dev One of the honest bodies.
    function victim() internal returns (string memory) {
        string[9] memory names = [
            "provider",
            "consumer",
            "holder",
            "regulator",
            "auditor",
            "arbitrator",
            "bank",
            "price",
            _BUSINESS.sound()
        ];
        return names[draw(9)];
    }

    /// @dev Any body, honest or not.
    function anybody() internal returns (string memory) {
        return draw(2) == 0 ? victim() : own(invented(draw(4)));
    }

    /// @dev The thief's signature: `fit` says who of its own would do. One time of eight in the name of a victim.
    function byThief(
        IPartyActs target,
        bytes memory head,
        string memory fit,
        uint8 purpose
    ) internal returns (PartySignature memory) {
        string memory signer = own(fit);
        uint256 key = keyOf(signer, draw(8) == 0 ? uint8(1 << draw(3)) : purpose);
        BodyId name = draw(8) == 0 ? idOf(victim()) : idOf(signer);
        return signedAs(target, head, name, key);
    }

    /// @dev The thief's key in the name of a certain body, which may be its own.
    function inTheNameOf(
        IPartyActs target,
        bytes memory head,
        string memory name,
        uint8 purpose
    ) internal returns (PartySignature memory) {
        string memory signer = isOwn(name) ? name : own(platform);
        return signedAs(target, head, idOf(name), keyOf(signer, purpose));
    }

    function isOwn(string memory name) internal view returns (bool) {
        for (uint256 i = 0; i < 4; ++i) {
            if (isSame(name, invented(i))) {
                return true;
            }
        }
        return isSame(name, "operator") || isSame(name, platform);
    }
}
