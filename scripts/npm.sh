#!/usr/bin/env bash
# Installs the packages of the folder given, when its lock file changed since
# the last time. `npm ci` comes first; where the lock lacks packages of other
# platforms (it then refuses) a plain install from the same lock does.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root/$1"
stamp=node_modules/.installed
want="$(cat package.json package-lock.json 2>/dev/null | cksum)"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
	exit 0
fi
say "Installing the packages of $1 …"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
if ! npm ci --no-audit --no-fund >"$log" 2>&1 && ! npm install --no-save --no-audit --no-fund >"$log" 2>&1; then
	cat "$log" >&2
	fail "npm could not install the packages of $1."
fi
printf '%s' "$want" >"$stamp"
