#!/usr/bin/env bash
# Runs Slither over the contracts and fails on a finding that contracts/SLITHER.md does not justify, and on a justification
# without a finding. Slither wants other versions of its libraries than the project, so it has an environment of its own.
# Usage: scripts/slither.sh
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
environment=build/slither
report=build/slither.json

if ! cmp --silent scripts/slither.lock "$environment/installed.lock"; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r scripts/slither.lock
  cp scripts/slither.lock "$environment/installed.lock"
fi

# tests among the artifacts would be judged like contracts
rm -rf build/artifacts "$report"
npm run --silent build >build/slither-build.log 2>&1 || {
  cat build/slither-build.log
  exit 1
}
# Slither's own exit code counts findings; the judgement is ours
"$environment/bin/slither" . --compile-force-framework hardhat --ignore-compile --exclude-dependencies \
  --hardhat-artifacts-directory build/artifacts --filter-paths contracts/mocks --json "$report" >build/slither.log 2>&1 || true
if [ ! -s "$report" ]; then
  tail -n 20 build/slither.log
  exit 1
fi
python3 scripts/slither_findings.py "$report"
