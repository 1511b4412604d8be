#!/usr/bin/env bash
# Prints the path of a Chromium that starts; fails where there is none.
set -euo pipefail
for candidate in "${HEADWAY_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
	[ -n "$candidate" ] || continue
	path="$(command -v "$candidate" || true)"
	if [ -n "$path" ] && "$path" --version >/dev/null 2>&1; then
		printf '%s\n' "$path"
		exit 0
	fi
done
exit 1
