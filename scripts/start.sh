#!/usr/bin/env bash
# Starts CityLedger in one folder and stops it on Ctrl-C.
# Usage: scripts/start.sh [--data-dir DIR] [--port N] [--host ADDRESS]     (default: ./cityledger-data, 8080, 127.0.0.1)
set -euo pipefail

called_from=$PWD
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/bootstrap.sh
. scripts/bootstrap.sh
bootstrap

build_contracts() {
  local stamp=build/.contracts-made-from digest sources
  mapfile -t sources < <(find contracts -name '*.sol' -type f | LC_ALL=C sort)
  digest=$(stamp_of hardhat.config.js package-lock.json scripts/export_artifacts.py "${sources[@]}")
  if is_current "$stamp" "$digest"; then return; fi
  say "compiling the contracts ..."
  # the compiler warns about OpenZeppelin's own sources; warnings in ours fail scripts/check.sh
  if ! npm run --silent build >build/contracts.log 2>&1 </dev/null; then
    cat build/contracts.log >&2
    fail "the contracts do not compile"
  fi
  .venv/bin/python scripts/export_artifacts.py >&2 || fail "the compiled contracts cannot be exported"
  printf '%s\n' "$digest" >"$stamp"
}
build_contracts

command_path=$PWD/.venv/bin/cityledger
# a relative --data-dir means the folder the person stands in; without one the checkout's own folder is used
data_dir=$PWD/cityledger-data
cd -- "$called_from"
case " $* " in
  *" --data-dir "* | *" --data-dir="* | *" --help "*) exec "$command_path" up "$@" ;;
  *) exec "$command_path" up --data-dir "$data_dir" "$@" ;;
esac
