# shellcheck shell=bash
# Makes .venv and node_modules from the two lock files; sourced by start.sh and check.sh with the repository as working folder.
# Safe to run any number of times: a stamp beside each result holds the digest of what it was made from.

fail() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

say() { printf '%s\n' "$*" >&2; }

# The tested minor versions first; "python3" may be anything.
find_python() {
  local candidate without_venv=""
  for candidate in python3.11 python3.12 python3.13 python3 python3.14; do
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
    if "$candidate" -c 'import venv, ensurepip' >/dev/null 2>&1; then
      command -v "$candidate"
      return
    fi
    without_venv=$candidate
  done
  if [ -n "$without_venv" ]; then
    fail "$without_venv has no venv module; on Debian and Ubuntu: apt-get install python3-venv"
  fi
  fail "Python 3.11 or newer is needed and was not found on PATH ($PATH)"
}

check_machine() {
  [ "$(uname -s)" = Linux ] || fail "Linux is needed, this is $(uname -s)"
  local version
  version=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2)
  [ -n "$version" ] || fail "glibc 2.35 or newer is needed; this machine has another C library"
  if [ "$(printf '2.35\n%s\n' "$version" | sort -V | head -n1)" != 2.35 ]; then
    fail "glibc 2.35 or newer is needed, this machine has $version"
  fi
}

# stamp_of FILE...: one digest over names and contents
stamp_of() { sha256sum -- "$@" | sha256sum | cut -d' ' -f1; }

is_current() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

make_venv() {
  local stamp=.venv/.made-from digest python
  digest=$(stamp_of scripts/requirements.lock pyproject.toml)
  if is_current "$stamp" "$digest" && .venv/bin/python -c 'import ledger' 2>/dev/null; then return; fi
  if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python) || exit 1
    say "making .venv with $python ..."
    rm -rf .venv
    "$python" -m venv .venv || fail "$python could not make .venv"
  fi
  say "installing locked Python packages ..."
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
    -r scripts/requirements.lock || fail "pip could not install the locked packages"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation \
    --editable . || fail "pip could not install the checkout into .venv"
  printf '%s\n' "$digest" >"$stamp"
}

make_node_modules() {
  local stamp=node_modules/.made-from digest
  digest=$(stamp_of package.json package-lock.json)
  if is_current "$stamp" "$digest"; then return; fi
  say "installing locked npm packages ..."
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 || fail "npm could not install the locked packages"
  printf '%s\n' "$digest" >"$stamp"
}

bootstrap() {
  check_machine
  mkdir -p build
  # two commands at once wait for each other; 9 is closed again, so that nothing started later holds the lock
  exec 9>build/bootstrap.lock
  flock 9
  make_venv
  PATH="$PWD/.venv/bin:$PATH"
  # Node brings its own list of authorities; a machine behind a proxy has one more, which the system knows
  export PATH HARDHAT_DISABLE_TELEMETRY_PROMPT=true NODE_USE_SYSTEM_CA=1 npm_config_update_notifier=false
  make_node_modules
  exec 9>&-
}
