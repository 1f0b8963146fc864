#!/bin/bash
# Write the hash-pinned requirements files anew from pyproject.toml (`make lock`).
#
# The files must mean the same on every machine: they name no index, and their hashes
# are those of every file the public registry holds for a version.  So pip's settings of
# this machine (mirrors, extra indexes, local wheels) are kept out, and the oldest
# interpreter that we support resolves: Debian 12's 3.11.
set -eu
cd "$(dirname "$0")/.."

python=${PYTHON:-/usr/bin/python3}
venv=$(mktemp -d)
trap 'rm -rf "$venv"' EXIT

# What may point at another index, except how to reach the network at all.
for name in $(compgen -e | grep -E '^(PIP|UV)_' | grep -v -E '^PIP_(CERT|PROXY|DEFAULT_TIMEOUT)$'); do
    unset "$name"
done
export PIP_CONFIG_FILE=/dev/null
export CUSTOM_COMPILE_COMMAND="make lock"

"$python" -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check pip-tools

compile() {
    "$venv/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
        --resolver=backtracking "$@"
}

# An upgrade is what `make lock UPGRADE=--upgrade` asks for; otherwise pins stay.
compile ${UPGRADE:-} --output-file=requirements.txt pyproject.toml
compile ${UPGRADE:-} --extra=dev --constraint=requirements.txt \
    --output-file=requirements-dev.txt pyproject.toml
compile ${UPGRADE:-} --constraint=requirements-dev.txt \
    --output-file=requirements-build.txt tools/build.in

# A comment that says "-r FILE" reads like an option to simple tools.
sed -i -E '/^ *#/s/-[rc] (tools|requirements)/\1/' requirements*.txt
