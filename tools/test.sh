#!/bin/bash
# Run the tests: units side by side, then those with real daemons one after another.
#
# Both parts run even if the first fails; skipped tests are counted, never silent.
set -u
cd "$(dirname "$0")/.."

reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
status=0

part() {
    local name=$1
    shift
    echo "== $name"
    .venv/bin/pytest --quiet --junit-xml="$reports/$name.xml" "$@"
    case $? in
    0) ;;
    *) status=1 ;;
    esac
}

part units -m "not e2e and not prometheus and not install" -n "${1:-2}"
part daemons -m "e2e or prometheus"

.venv/bin/python - "$reports" <<'PYTHON'
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
for report in pathlib.Path(sys.argv[1]).glob("*.xml"):
    for suite in ElementTree.parse(report).iter("testsuite"):
        for name in counts:
            counts[name] += int(suite.get(name, 0))
print("== all: " + ", ".join(f"{number} {name}" for name, number in counts.items()))
PYTHON
exit "$status"
