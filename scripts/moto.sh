#!/usr/bin/env bash
# Sees that moto_server, which speaks the protocol of Amazon SQS, is here:
# installed, or in .tools/moto. moto.sh VERSION.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
if have moto_server || [ -x "$tools/moto/bin/moto_server" ]; then
	exit 0
fi
have python3 || { can_install && apt_install python3; } || fail "Python 3.10 or newer is needed for the SQS server of the tests."
say "Installing moto $1 …"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
if ! python3 -m venv "$tools/moto" >"$log" 2>&1; then
	can_install || fail "Python's venv is needed for the SQS server of the tests (Debian: apt-get install python3-venv)."
	apt_install python3-venv
	python3 -m venv "$tools/moto" >"$log" 2>&1 || { cat "$log" >&2; fail "Python could not make a folder for moto."; }
fi
if ! "$tools/moto/bin/pip" install --quiet "moto[server]==$1" >"$log" 2>&1; then
	cat "$log" >&2
	rm -rf "$tools/moto"
	fail "moto could not be installed from PyPI. Install it in another way, so that moto_server is in PATH (pip install 'moto[server]')."
fi
