// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Directory} from "../../contracts/Directory.sol";
import {IDirectory} from "../../contracts/interfaces/IDirectory.sol";
import {Test} from "./helpers/Vm.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title The directory only grows
contract DirectoryTest is Test {
    bytes32 private constant _NAME = "Orders";

    AccessManager internal manager;
    Directory internal directory;

    function setUp() public virtual {
        vm.roll(1000);
        manager = AccessManager(deployed("AccessManager", abi.encode(address(this))));
        directory = Directory(deployed("Directory", abi.encode(address(manager))));
        bytes4[] memory governed = new bytes4[](1);
        governed[0] = IDirectory.list.selector;
        manager.setTargetFunctionRole(address(directory), governed, 1);
        manager.grantRole(1, address(this), 0);
    }

    function test_directory_underNothing_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IDirectory.DirectoryNoCode.selector, address(0x1234)));
        deployed("Directory", abi.encode(address(0x1234)));
    }

    function test_list_newVersions_standBesideOldOnes() public {
        bytes32 hash = address(manager).codehash;
        vm.expectEmit(address(directory));
        emit IDirectory.ContractListed(_NAME, 1, address(manager), hash);
        vm.assertEq(directory.list(_NAME, address(manager)), 1);
        vm.roll(1005);
        vm.assertEq(directory.list(_NAME, address(directory)), 2);
        vm.assertEq(directory.list("Other", address(directory)), 1);
        vm.assertEq(directory.list(_NAME, address(manager)), 3); // back to an older one

        (IDirectory.Entry memory entry, uint256 version) = directory.current(_NAME);
        vm.assertEq(version, 3);
        vm.assertEq(entry.location, address(manager));
        entry = directory.entryOf(_NAME, 1);
        vm.assertEq(entry.location, address(manager));
        vm.assertEq(entry.listedAt, 1000);
        vm.assertEq(entry.codeHash, hash);
        vm.assertEq(directory.entryOf(_NAME, 2).codeHash, address(directory).codehash);
        bytes32[] memory names = directory.names();
        vm.assertEq(names.length, 2);
        vm.assertEq(names[0], _NAME);
        vm.assertEq(names[1], "Other");
    }

    function test_list_whatIsNoContractOrNoNews_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IDirectory.DirectoryEmptyName.selector));
        directory.list(0, address(manager));
        vm.expectRevert(abi.encodeWithSelector(IDirectory.DirectoryNoCode.selector, address(0x1234)));
        directory.list(_NAME, address(0x1234));
        directory.list(_NAME, address(manager));
        vm.expectRevert(abi.encodeWithSelector(IDirectory.DirectoryAlreadyCurrent.selector, _NAME, address(manager)));
        directory.list(_NAME, address(manager));
    }

    function test_list_byAnybodyElse_isRefused() public {
        vm.prank(address(0xbad));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(0xbad)));
        directory.list(_NAME, address(manager));
    }

    function test_setAuthority_byAnybodyElse_isRefused() public {
        vm.prank(address(0xbad));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(0xbad)));
        directory.setAuthority(address(0xbad));
        vm.assertEq(directory.authority(), address(manager));
    }

    /// @notice Under what has no code nobody could ever call again.
    function test_setAuthority_toWhatIsNoContract_isRefused() public {
        address nothing = address(0x1234);
        vm.prank(address(manager));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedInvalidAuthority.selector, nothing));
        directory.setAuthority(nothing);
        vm.assertEq(directory.authority(), address(manager));
    }

    /// @notice What the council does with a delay it does once, and not before its time.
    function test_list_unscheduledTooEarlyOrTwice_isRefused() public {
        manager.grantRole(1, address(this), 1 days);
        bytes memory call_ = abi.encodeCall(IDirectory.list, (_NAME, address(manager)));
        bytes32 id = manager.hashOperation(address(this), address(directory), call_);
        bytes memory unscheduled = abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, id);
        vm.expectRevert(unscheduled);
        directory.list(_NAME, address(manager));
        manager.schedule(address(directory), call_, 0);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotReady.selector, id));
        directory.list(_NAME, address(manager));
        vm.warp(block.timestamp + 1 days);
        directory.list(_NAME, address(manager));
        vm.expectRevert(unscheduled);
        directory.list(_NAME, address(manager));
    }

    function test_entries_thatAreNot_areSaidSo() public {
        bytes4 unknown = IDirectory.DirectoryUnknownEntry.selector;
        vm.expectRevert(abi.encodeWithSelector(unknown, _NAME, 0));
        directory.current(_NAME);
        directory.list(_NAME, address(manager));
        vm.expectRevert(abi.encodeWithSelector(unknown, _NAME, 0));
        directory.entryOf(_NAME, 0);
        vm.expectRevert(abi.encodeWithSelector(unknown, _NAME, 2));
        directory.entryOf(_NAME, 2);
    }
}
