#!/usr/bin/env bash
# Writes the generated files anew; with --check it only sees that each is what
# its generator writes, and names those that are not.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

openapi=api/openapi.yaml
settings=docs/configuration.md
client=web/src/shared/http/api.gen.ts
nginx=deploy/nginx/nginx.conf
alb=deploy/alb/listener.json

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
go build -o "$work/headway" ./cmd/headway
"$work/headway" openapi >"$work/openapi.yaml"
"$work/headway" config reference >"$work/configuration.md"
"$work/headway" front nginx >"$work/nginx.conf"
"$work/headway" front alb >"$work/listener.json"
(cd web && npx --no-install openapi-typescript "$work/openapi.yaml" -o "$work/api.gen.ts" >/dev/null)

stale=()
settle() {
	if cmp -s "$work/$1" "$2"; then
		return
	fi
	if [ "${check:-}" ]; then
		diff -u "$2" "$work/$1" | head -n 40 >&2 || true
		stale+=("$2")
	else
		mkdir -p "$(dirname "$2")"
		cp "$work/$1" "$2"
		say "wrote $2"
	fi
}

if [ "${1:-}" = --check ]; then
	check=1
fi
settle openapi.yaml "$openapi"
settle configuration.md "$settings"
settle api.gen.ts "$client"
settle nginx.conf "$nginx"
settle listener.json "$alb"
if [ ${#stale[@]} -gt 0 ]; then
	fail "not what is generated now: ${stale[*]}. Run make generate and commit."
fi
