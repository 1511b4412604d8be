#!/usr/bin/env bash
# Does what `docker build -f deploy/Dockerfile .` does, without an engine: a
# copy of the tree, each RUN of the file in it, then a look at what the image
# would hold: one static binary that starts as a user without rights.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

work="$(mktemp -d)"
server=
cleanup() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT

mkdir "$work/src"
# What is there, committed or not, without what is ignored.
git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do
	if [ -e "$file" ]; then printf '%s\0' "$file"; fi
done | tar --null -T - -cf - | tar -xf - -C "$work/src"

while IFS= read -r step; do
	say "RUN $step"
	(cd "$work/src" && VERSION=image-test MAKEFLAGS=--no-print-directory bash -euo pipefail -c "$step")
done < <(sed -n 's/^RUN //p' deploy/Dockerfile)

image="$work/src/dist/root"
binary="$image/usr/bin/headway"
[ -x "$binary" ] || fail "the steps left no binary in dist/root/usr/bin"
[ -d "$image/data" ] || fail "the steps left no data folder in dist/root"
if ldd "$binary" >/dev/null 2>&1; then
	fail "the binary is not static: $(ldd "$binary" | head -n 1)"
fi
"$binary" version | grep -q image-test || fail "the binary does not know its version"

# As the image runs it: no environment, a user without rights, the data folder its own.
as_nobody=()
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$work" "$work/src" "$work/src/dist"
	chown -R 65532:65532 "$image/data"
	as_nobody=(setpriv --reuid=65532 --regid=65532 --clear-groups)
fi
port="$(node -e 'const s=require("net").createServer().listen(0,()=>{console.log(s.address().port);s.close()})')"
env -i HEADWAY_DATA="$image/data" HEADWAY_LISTEN="127.0.0.1:$port" "${as_nobody[@]}" "$binary" serve >"$work/log" 2>&1 &
server=$!
for _ in $(seq 100); do
	if env -i HEADWAY_LISTEN="127.0.0.1:$port" "$binary" health >/dev/null 2>&1; then
		size="$(du -m "$binary" | cut -f 1)"
		say "The image's binary is static ($size MB), starts as 65532 and is healthy."
		exit 0
	fi
	kill -0 "$server" 2>/dev/null || break
	sleep 0.1
done
cat "$work/log" >&2
fail "the image's binary did not become healthy"
