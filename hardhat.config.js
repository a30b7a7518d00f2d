import { readdirSync } from "node:fs";
import { createRequire } from "node:module";

import { defineConfig } from "hardhat/config";

const require = createRequire(import.meta.url);

// one file a contract, so that nobody's gas stands in another's way
const goldens = readdirSync(new URL("tests/contracts/goldens", import.meta.url)).map(
  (name) => `./tests/contracts/goldens/${name}`,
);

// the npm package is the compiler: a build downloads nothing
const compiler = { version: "0.8.37", path: require.resolve("solc/soljson.js") };
const settings = {
  // the byte code must run on every consortium chain from Berlin rules up
  evmVersion: "paris",
  // no metadata in the code: the deterministic addresses follow the code alone, not comments or file names
  metadata: { bytecodeHash: "none", appendCBOR: false },
};

const optimised = { ...settings, optimizer: { enabled: true, runs: 1_000_000 } };

export default defineConfig({
  paths: {
    sources: "./contracts",
    tests: { solidity: "./tests/contracts" },
    artifacts: "./build/artifacts",
    cache: "./build/cache",
  },
  solidity: {
    splitTestsCompilation: true,
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
    profiles: {
      default: { ...compiler, settings: optimised },
      // Optimising the tests would take most of their time. They deploy artifacts of the default build (`helpers/Deployed.sol`).
      // Where most of the properties are that are tried 100,000 times, it saves more time than it takes.
      tests: {
        compilers: [{ ...compiler, settings: { ...settings, optimizer: { enabled: false } } }],
        overrides: { "tests/contracts/RFC9162.t.sol": { ...compiler, settings: optimised } },
      },
    },
  },
  test: {
    solidity: {
      fsPermissions: {
        readDirectory: ["./tests/vectors"],
        readWriteFile: ["./tests/contracts/goldens.json", ...goldens],
      },
      fuzz: { runs: Number(process.env.CITYLEDGER_FUZZ_RUNS ?? 256), seed: "0x1" },
      invariant: {
        runs: Number(process.env.CITYLEDGER_INVARIANT_RUNS ?? 16),
        depth: Number(process.env.CITYLEDGER_INVARIANT_DEPTH ?? 50),
        failOnRevert: true,
      },
    },
  },
});
