#!/usr/bin/env bash
# Runs the Eclipse Dataspace TCK (metadata, catalog and contract negotiation of the Dataspace Protocol 2025-1) against this API over real PostgreSQL.
# Its jars come from Maven Central as scripts/dsp_tck.xml names them, and must be those of scripts/dsp_tck.lock, byte for byte.
# Needs Java 17 or newer and Maven. Usage: scripts/dsp_tck.sh [--can-run]     --can-run only says whether it could, and if not, why
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
folder=build/dsp-tck

missing() {
  echo "the Dataspace TCK cannot run: $1"
  exit 3
}

command -v java >/dev/null || missing "no Java on PATH; 17 or newer is needed (on Debian: apt-get install openjdk-17-jre-headless)"
major=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n1)
[ "${major:-0}" -ge 17 ] || missing "Java 17 or newer is needed, this is ${major:-unknown}"
command -v mvn >/dev/null || missing "no Maven on PATH (on Debian: apt-get install maven)"
if [ "${1:-}" = --can-run ]; then exit 0; fi

if ! (cd "$folder/jars" 2>/dev/null && sha256sum --check --quiet --strict "$OLDPWD/scripts/dsp_tck.lock" >/dev/null 2>&1); then
  rm -rf "$folder/jars"
  mkdir -p "$folder"
  mvn --quiet --batch-mode --file scripts/dsp_tck.xml dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$PWD/$folder/jars"
fi
root=$PWD
(cd "$folder/jars" && sha256sum --check --quiet --strict "$root/scripts/dsp_tck.lock")
if [ "$(find "$folder/jars" -name '*.jar' | wc -l)" -ne "$(wc -l <scripts/dsp_tck.lock)" ]; then
  echo "$folder/jars has other jars than scripts/dsp_tck.lock names" >&2
  exit 1
fi
python=python3
if [ -x .venv/bin/python ]; then python=.venv/bin/python; fi
exec "$python" scripts/dsp_tck.py "$folder"
