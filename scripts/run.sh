#!/usr/bin/env bash
# Starts the server in the foreground and prints its address once it answers:
# run.sh BINARY PORT DATA.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
binary="$1" port="$2" data="$3"
server=$$
(
	while kill -0 "$server" 2>/dev/null; do
		if "$binary" health --url "http://127.0.0.1:$port" >/dev/null 2>&1; then
			printf '\n  Headway is at http://localhost:%s  (data in %s, Ctrl-C stops it)\n\n' "$port" "$data"
			exit 0
		fi
		sleep 0.1
	done
) &
exec "$binary" serve --listen ":$port" --data "$data"
