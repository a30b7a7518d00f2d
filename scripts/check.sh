#!/usr/bin/env bash
# Sets up and runs every check and test, and says at the end what passed, what failed and what could not be tried.
# Usage: scripts/check.sh [--long]     --long adds the tests marked "long", long invariants and the branch coverage of the contracts
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

logs=build/check
rm -rf "$logs"
mkdir -p "$logs"
results=()
untried=()
failed=0

# step NAME COMMAND...: runs it, keeps its output, goes on whatever comes of it
step() {
  local name=$1 started=$SECONDS outcome=passed log
  shift
  log=$logs/${name//[^a-z0-9]/-}.log
  printf '\n== %s\n' "$name"
  "$@" 2>&1 </dev/null | tee "$log"
  if [ "${PIPESTATUS[0]}" -ne 0 ]; then
    outcome=FAILED
    failed=1
  fi
  results+=("$(printf '%-7s %5ss  %s' "$outcome" "$((SECONDS - started))" "$name")")
}

run_pytest() {
  local selection=(-m "not long")
  if [ -n "$long" ]; then selection=(); fi
  python -m pytest -n 2 --dist loadfile "${selection[@]}" --cov --cov-report=term:skip-covered
}

step "ruff format" ruff format --check .
step "ruff check" ruff check .
step "mypy" mypy
step "import layers" lint-imports --cache-dir build/import-linter
step "contracts build" npm run --silent build
step "berlin byte code" python scripts/check_berlin.py
step "contracts lint" npm run --silent lint
step "contracts format" npm run --silent format:check
step "contracts test" npm run --silent test
step "contracts fuzz, 100,000 runs" npm run --silent fuzz
step "contracts gas and size" npm run --silent gas:check
if [ -n "$long" ]; then
  step "contracts long invariants" npm run --silent invariants:long
  step "contracts coverage" npm run --silent coverage
  step "contracts slither" scripts/slither.sh
fi
step "npm lock" python scripts/complete_npm_lock.py --check
step "generated artifacts" python scripts/export_artifacts.py --check
step "generated bindings" python scripts/export_bindings.py --check
step "generated act vectors" env PYTHONPATH=. python scripts/act_vectors.py --check
step "generated split vectors" env PYTHONPATH=. python scripts/split_vectors.py --check
step "generated vectors" python scripts/generate_vectors.py --check
step "generated openapi" python scripts/export_openapi.py --check
if why=$(scripts/dsp_tck.sh --can-run); then
  step "dataspace tck" scripts/dsp_tck.sh
else
  untried+=("dataspace tck: $why")
fi
step "pytest" run_pytest

printf '\n== summary\n'
printf '%s\n' "${results[@]}"
skipped=$(grep -E '^SKIPPED' "$logs/pytest.log" || true)
if [ -n "$skipped" ]; then untried+=("$skipped"); fi
if [ ${#untried[@]} -gt 0 ]; then
  printf '\nnot tried, and why:\n'
  printf '%s\n' "${untried[@]}"
fi
if [ -z "$long" ]; then
  printf '\nnot asked for: tests marked "long", long invariants and the branch coverage of the contracts (scripts/check.sh --long)\n'
fi
closing=$(grep -E '^=+ .*(passed|failed|error).* in .*=+$' "$logs/pytest.log" | tail -n1)
printf '\n%s\n' "${closing:-pytest did not come to its end}"
exit "$failed"
