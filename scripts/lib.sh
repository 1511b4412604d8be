# Shared by the scripts beside it; source it, do not run it.
# shellcheck shell=bash

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
tools="$root/.tools"

say() { printf '%s\n' "$*"; }
fail() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# at_least WANTED ACTUAL: is ACTUAL the same version or a newer one?
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# May this script install packages? Only on Debian or Ubuntu, and as root.
can_install() { [ "$(id -u)" = 0 ] && have apt-get; }

# apt_install PACKAGE…: quiet, without questions, refreshing the lists once.
apt_install() {
	export DEBIAN_FRONTEND=noninteractive
	local log
	log="$(mktemp)"
	if [ -z "${apt_fresh:-}" ]; then
		apt-get update -qq >"$log" 2>&1 || say "apt-get update failed; trying with the lists that are here"
		apt_fresh=1
	fi
	if ! apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1 </dev/null; then
		cat "$log" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}
