#!/usr/bin/env bash
# Sets up and runs every check and test, and says at the end what passed, what failed and what could not be tried.
# Usage: scripts/check.sh [--long]     --long adds the tests marked "long", 300 examples a property, long invariants, more random runs of the contracts, coverage and Slither
set -uo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 1
long=""
for argument in "$@"; do
  case $argument in
    --long) long=yes ;;
    *)
      echo "usage: scripts/check.sh [--long]" >&2
      exit 2
      ;;
  esac
done

# shellcheck source=scripts/bootstrap.sh
. scripts/bootstrap.sh
bootstrap

# some machines ask Python to keep nothing that it compiled; then each of the hundreds of programs that tests start compiles again
unset PYTHONDONTWRITEBYTECODE

logs=build/check
rm -rf "$logs"
mkdir -p "$logs"
untried=()
told=()

# step NAME COMMAND...: runs it, keeps its output, notes what came of it, goes on whatever that is
step() {
  local name=$1 started=$SECONDS outcome=passed
  shift
  printf '\n== %s\n' "$name"
  "$@" 2>&1 </dev/null | tee "$logs/${name//[^a-z0-9]/-}.log"
  if [ "${PIPESTATUS[0]}" -ne 0 ]; then outcome=FAILED; fi
  printf '%-7s %5ss  %s\n' "$outcome" "$((SECONDS - started))" "$name" >>"$logs/results"
}

# A name that fits no property would pass without any: at least as many must have passed as the files have.
fuzz_all() {
  local fuzzed expected passed log
  fuzzed=$(npm pkg get scripts.fuzz | grep -o 'tests/contracts/[A-Za-z0-9.]*\.t\.sol')
  expected=$(cat $fuzzed | grep -c '^ *function test_fuzz')
  log=$(mktemp)
  npm run --silent fuzz 2>&1 | tee "$log" || { rm -f "$log"; return 1; }
  passed=$(sed -n 's/^ *\([0-9][0-9]*\) passing.*/\1/p' "$log" | tail -n 1)
  rm -f "$log"
  if [ "$expected" -eq 0 ] || [ "${passed:-0}" -lt "$expected" ]; then
    echo "only ${passed:-0} of $expected properties ran"
    return 1
  fi
}

# The compiler keeps one core busy, and so do the contracts' tests: what does not need them goes on beside it.
contract_steps() {
  step "contracts build" npm run --silent build
  touch "$logs/built"
  step "contracts lint" npm run --silent lint
  step "contracts format" npm run --silent format:check
  if [ -n "$long" ]; then export CITYLEDGER_FUZZ_RUNS=1000 CITYLEDGER_INVARIANT_RUNS=32; fi
  step "contracts test, gas and size" npm run --silent test
  step "contracts tests without warnings" python scripts/compiler_warnings.py --tests
  step "contracts fuzz, 100,000 runs" fuzz_all
  if [ -n "$long" ]; then
    step "contracts long invariants" npm run --silent invariants:long
    step "contracts coverage" npm run --silent coverage
    step "contracts slither" scripts/slither.sh
  fi
}

run_pytest() {
  if [ -n "$long" ]; then
    HYPOTHESIS_PROFILE=long python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered
  else
    # three on two cores: many tests wait for a server, a block or the disk; in the order of tests/conftest.py
    python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not long" --no-cov
  fi
}

# What is started beside the rest has a process group of its own, and is ended with this script.
beside=""
end_beside() {
  if [ -n "$beside" ]; then kill -- "-$beside" 2>/dev/null; fi
}
trap end_beside EXIT
trap 'exit 130' INT

set -m
contract_steps >"$logs/beside.log" 2>&1 &
beside=$!
set +m
step "ruff format" ruff format --check .
step "ruff check" ruff check .
step "mypy" mypy
step "import layers" lint-imports --cache-dir build/import-linter
step "npm lock" python scripts/complete_npm_lock.py --check
until [ -e "$logs/built" ] || ! kill -0 "$beside" 2>/dev/null; do sleep 0.2; done
step "contracts without warnings" python scripts/compiler_warnings.py
step "berlin byte code" python scripts/check_berlin.py
step "generated artifacts" python scripts/export_artifacts.py --check
step "generated bindings" python scripts/export_bindings.py --check
step "generated act vectors" env PYTHONPATH=. python scripts/act_vectors.py --check
step "generated split vectors" env PYTHONPATH=. python scripts/split_vectors.py --check
step "generated vectors" python scripts/generate_vectors.py --check
step "generated openapi" python scripts/export_openapi.py --check
if why=$(scripts/dsp_tck.sh --can-run); then
  step "dataspace tck" scripts/dsp_tck.sh
  told+=("$(grep '^Dataspace TCK' "$logs/dataspace-tck.log" || echo "Dataspace TCK: did not come to its end")")
else
  untried+=("dataspace tck: $why")
fi
step "pytest" run_pytest
if ! wait "$beside"; then echo "FAILED      -  the steps of the contracts did not come to their end" >>"$logs/results"; fi
beside=""
cat "$logs/beside.log"

printf '\n== summary\n'
cat "$logs/results"
skipped=$(grep -E '^SKIPPED' "$logs/pytest.log" || true)
if [ -n "$skipped" ]; then untried+=("$skipped"); fi
if [ ${#untried[@]} -gt 0 ]; then
  printf '\nnot tried, and why:\n'
  printf '%s\n' "${untried[@]}"
fi
if [ -z "$long" ]; then
  printf '\nnot asked for: tests marked "long", long invariants, more random runs of the contracts, coverage of Python and contracts, Slither (scripts/check.sh --long)\n'
fi
printf '\n'
if [ ${#told[@]} -gt 0 ]; then printf '%s\n' "${told[@]}"; fi
closing=$(grep -E '^=+ .*(passed|failed|error).* in .*=+$' "$logs/pytest.log" | tail -n1)
printf '%s\n' "${closing:-pytest did not come to its end}"
if grep -q '^FAILED' "$logs/results"; then exit 1; fi
