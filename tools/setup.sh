#!/bin/bash
# Prepare this machine: `setup.sh run` for the demonstration, `setup.sh test` for the tests.
#
# Never asks, installs only what is missing, is silent and quick when nothing is.  System
# packages come from Debian (as root or by password-less sudo); everything of Python's goes
# into .venv, each file checked against its pinned hash.  Packaged daemons stay stopped.
set -eu
cd "$(dirname "$0")/.."

readonly SET=${1:-run}
readonly VENV=.venv

# Compiler and headers: pymilter is published as source only.
readonly RUN_PACKAGES="gcc libc6-dev libmilter-dev python3 python3-dev python3-venv postfix ca-certificates"
# promtool and the server, systemd-analyze, the unit's /bin/kill, clients for SMTP and TLS,
# verifiers beside us.
readonly TEST_PACKAGES="prometheus systemd procps swaks openssl opendkim opendmarc"

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_packages() {
    local package
    for package in "$@"; do
        installed "$package" || printf '%s ' "$package"
    done
}

# Debian allows one mail-transport-agent: installing Postfix would remove the other one.
refuse_another_mta() {
    local other
    other=$(dpkg-query -W -f '${db:Status-Status}|${Package}|${Provides}\n' 2>/dev/null |
        awk -F'|' '$1 == "installed" && $3 ~ /mail-transport-agent/ && $2 != "postfix" {print $2}' |
        paste -s -d' ')
    [ -z "$other" ] || die "this machine's mail is handled by $other, and installing Postfix would" \
        "remove it. Nothing was changed. Please use a machine (or container) without it," \
        "or with Postfix."
    if [ -e /usr/sbin/sendmail ] && ! dpkg-query -S /usr/sbin/sendmail >/dev/null 2>&1; then
        die "/usr/sbin/sendmail belongs to no package: another mail server seems to be installed" \
            "by hand. Nothing was changed."
    fi
}

# Keeps what we install from starting now (policy-rc.d) and at the next boot (disable).
apt_install() {
    local policy=/usr/sbin/policy-rc.d saved="" status=0 log
    if [ -e "$policy" ]; then
        saved=$(mktemp -u /usr/sbin/policy-rc.d.XXXXXX)
        as_root mv "$policy" "$saved"
    fi
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    trap 'restore_policy '"'$policy' '$saved'" EXIT
    log=$(mktemp)
    as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
        apt-get install --yes --quiet --no-install-recommends --no-remove \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold \
        "$@" >"$log" 2>&1 </dev/null || { status=$?; cat "$log" >&2; }
    rm -f "$log"
    restore_policy "$policy" "$saved"
    trap - EXIT
    return "$status"
}

restore_policy() {
    as_root rm -f "$1"
    [ -z "$2" ] || as_root mv "$2" "$1"
}

disable_new_services() {
    command -v systemctl >/dev/null || return 0
    case " $1 " in *" postfix "*) as_root systemctl --quiet disable postfix.service >/dev/null 2>&1 || : ;; esac
    case " $1 " in *" prometheus "*) as_root systemctl --quiet disable prometheus.service >/dev/null 2>&1 || : ;; esac
    case " $1 " in *" opendkim "*) as_root systemctl --quiet disable opendkim.service >/dev/null 2>&1 || : ;; esac
}

system_packages() {
    local missing
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "not a Debian system: please see to the counterparts of: $*"
        return 0
    fi
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    case " $missing" in *" postfix "*) refuse_another_mta ;; esac
    if [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
        die "these packages are missing: $missing- please run as root:" \
            "apt-get install --no-install-recommends $missing"
    fi
    say "installing $missing"
    as_root apt-get update --quiet -o DPkg::Lock::Timeout=300 >/dev/null ||
        say "apt-get update complained; trying with the lists at hand"
    # "No configuration": the packaged Postfix stays without main.cf, so it cannot run.
    case " $missing" in *" postfix "*)
        echo "postfix postfix/main_mailer_type select No configuration" |
            as_root debconf-set-selections ;;
    esac
    # shellcheck disable=SC2086
    apt_install $missing || die "apt-get could not install: $missing"
    disable_new_services "$missing"
}

# Debian's interpreter first: its headers are the ones installed above.
find_python() {
    local candidate
    for candidate in /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' \
            2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
    die "no Python >= 3.11 with venv found"
}

fingerprint() {
    { cat requirements*.txt pyproject.toml tools/setup.sh; pwd; "$VENV/bin/python" -VV; } |
        sha256sum | cut -d' ' -f1
}

pip_install() {
    "$VENV/bin/python" -m pip -qq --disable-pip-version-check --no-input install \
        --no-build-isolation "$@" >&2
}

# The test set holds the run set, so its stamp serves both.
ready() {
    grep -qsxF "$(fingerprint)" "$VENV/.setup-test" "$VENV/.setup-$SET"
}

virtual_environment() {
    local requirements=requirements.txt
    [ "$SET" = run ] || requirements=requirements-dev.txt
    "$VENV/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        rm -rf "$VENV"
    [ -d "$VENV" ] || "$(find_python)" -m venv "$VENV"
    ! ready || return 0
    say "preparing $VENV ($SET)"
    pip_install --require-hashes -r requirements-build.txt
    pip_install --require-hashes --use-pep517 -r "$requirements"
    pip_install --no-deps --editable .
    "$VENV/bin/python" -c 'import Milter, phish_milter' ||
        die "the installed packages cannot be imported"
    fingerprint >"$VENV/.setup-$SET"
}

case "$SET" in
run) system_packages $RUN_PACKAGES ;;
test) system_packages $RUN_PACKAGES $TEST_PACKAGES ;;
*) die "usage: setup.sh run|test" ;;
esac
virtual_environment
