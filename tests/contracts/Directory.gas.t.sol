// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {Directory} from "../../contracts/Directory.sol";
import {IDirectory} from "../../contracts/interfaces/IDirectory.sol";
import {GasGolden} from "./helpers/GasGolden.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Gas and size of the directory
contract DirectoryGasTest is GasGolden {
    function test_gasAndSize_areTheGoldenOnes() public {
        AccessManager manager = AccessManager(deployed("AccessManager", abi.encode(address(this))));
        Directory directory = Directory(deployed("Directory", abi.encode(address(manager))));
        bytes4[] memory governed = new bytes4[](1);
        governed[0] = IDirectory.list.selector;
        manager.setTargetFunctionRole(address(directory), governed, 1);
        manager.grantRole(1, address(this), 0);
        directory.list("First", address(manager));
        address where = address(directory);
        recordGas("list_new_name", where, abi.encodeCall(directory.list, ("Orders", address(manager))));
        recordGas("list_new_version", where, abi.encodeCall(directory.list, ("First", address(directory))));
        recordGas("current", where, abi.encodeCall(directory.current, ("First")));
        recordGas("entryOf", where, abi.encodeCall(directory.entryOf, ("First", 1)));
        recordGas("names_two", where, abi.encodeCall(directory.names, ()));
        recordGas("authority", where, abi.encodeCall(directory.authority, ()));
        recordGas("isConsumingScheduledOp", where, abi.encodeCall(directory.isConsumingScheduledOp, ()));
        vm.prank(address(manager));
        recordGas("setAuthority", where, abi.encodeCall(directory.setAuthority, (address(manager))));
        record("bytes_of_directory", where.code.length);
        requireGoldens("Directory");
    }
}
