#!/usr/bin/env bash
# Has the binary verify the example settings, as the page on each says: settings.sh BINARY.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
for file in deploy/settings/*.yaml; do
	"$1" serve --verify-config --config "$file" >/dev/null || fail "$file is refused"
	say "$file is good"
done
