#!/usr/bin/env bash
# Runs the make targets given, one after the other, with the time that each
# took; ends with one line. A failure does not hide what comes after it,
# except that nothing runs when the first target (the set-up) fails.
set -uo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root" || exit 1

begin=$SECONDS
failed=()
lines=()
first=1
for stage in "$@"; do
	printf '\n=== %s\n' "$stage"
	start=$SECONDS
	if "${MAKE:-make}" --no-print-directory -s "$stage" </dev/null; then
		result=ok
	else
		result=FAILED
		failed+=("$stage")
	fi
	lines+=("$(printf '%-18s %4d s  %s' "$stage" $((SECONDS - start)) "$result")")
	if [ "$first" = 1 ] && [ "$result" = FAILED ]; then
		break
	fi
	first=0
done

printf '\n'
printf '%s\n' "${lines[@]}"
if [ ${#failed[@]} -gt 0 ]; then
	say "FAILED after $((SECONDS - begin)) s: ${failed[*]}"
	exit 1
fi
say "All $# stages passed in $((SECONDS - begin)) s."
