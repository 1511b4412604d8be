#!/usr/bin/env bash
# Sees that what the build needs is here. Names given: go, cgo, node, chromium,
# redis, postgres, nginx, prometheus.
# On Debian or Ubuntu as root it installs what is missing (Go and Node in the
# versions wanted go into .tools, nothing of the system's is replaced);
# elsewhere it says what to install and stops.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

go_wanted="$(awk '$1 == "go" { print $2; exit }' go.mod)"
node_wanted=20.19.0
node_package=22

go_version() { go env GOVERSION 2>/dev/null | sed 's/^go//'; }

prepare_go() {
	# Go 1.21 and newer fetch the version that go.mod names by themselves.
	if have go && at_least 1.21 "$(go_version)"; then
		at_least "$go_wanted" "$(go_version)" ||
			fail "Go $(go_version) may not fetch Go $go_wanted (GOTOOLCHAIN=$(go env GOTOOLCHAIN)). Unset GOTOOLCHAIN or install Go $go_wanted from https://go.dev/dl/."
		return
	fi
	can_install || fail "Go $go_wanted or newer is needed. Install it from https://go.dev/dl/ and run this again."
	say "Installing Go $go_wanted into .tools/go …"
	have go || apt_install golang-go ca-certificates
	local arch module answer dir
	case "$(uname -m)" in
	x86_64) arch=amd64 ;;
	aarch64 | arm64) arch=arm64 ;;
	*) fail "There is no ready Go for $(uname -m). Install Go $go_wanted from https://go.dev/dl/ and run this again." ;;
	esac
	# Any Go can fetch a newer one from the module proxy, checked against the checksum database.
	module="golang.org/toolchain@v0.0.1-go$go_wanted.linux-$arch"
	answer="$(cd / && GO111MODULE=on GOFLAGS=-mod=mod go mod download -json "$module" 2>&1)" ||
		fail "Go $go_wanted could not be fetched. Install it from https://go.dev/dl/ and run this again. $answer"
	dir="$(sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p' <<<"$answer")"
	mkdir -p "$tools"
	rm -rf "$tools/go"
	cp -r "$dir" "$tools/go"
	chmod -R u+w "$tools/go"
	find "$tools/go/bin" "$tools/go/pkg/tool" -type f -exec chmod +x {} +
}

prepare_cgo() {
	# The race detector links with C.
	have gcc && return
	can_install || fail "gcc is needed by the race detector. Install it (Debian: apt-get install gcc libc6-dev) and run this again."
	say "Installing gcc …"
	apt_install gcc libc6-dev
}

prepare_node() {
	if have node && have npm && at_least "$node_wanted" "$(node --version | sed 's/^v//')"; then
		return
	fi
	can_install || fail "Node.js $node_wanted or newer with npm is needed. Install it from https://nodejs.org/ and run this again."
	say "Installing Node.js $node_package into .tools/node …"
	have npm || apt_install nodejs npm ca-certificates
	mkdir -p "$tools/node"
	npm install --prefix "$tools/node" --no-save --no-audit --no-fund "node@$node_package" "npm@10" >/dev/null
	mkdir -p "$tools/node/bin"
	ln -sf ../node_modules/node/bin/node "$tools/node/bin/node"
	ln -sf ../node_modules/npm/bin/npm-cli.js "$tools/node/bin/npm"
	ln -sf ../node_modules/npm/bin/npx-cli.js "$tools/node/bin/npx"
}

prepare_chromium() {
	[ -n "$("$root/scripts/chromium.sh" || true)" ] && return
	can_install || fail "Chromium is needed by the browser tests. Install it (Debian: apt-get install chromium), or name it in HEADWAY_CHROMIUM, and run this again."
	say "Installing Chromium …"
	# Ubuntu's chromium is a snap, which does not run in a container: Debian's name first.
	apt_install chromium || apt_install chromium-browser
	[ -n "$("$root/scripts/chromium.sh" || true)" ] || fail "Chromium was installed but does not start. Name a working one in HEADWAY_CHROMIUM."
}

prepare_redis() {
	have redis-server && return
	can_install || fail "redis-server is needed by the tests of the Redis adapters. Install it (Debian: apt-get install redis-server; macOS: brew install redis) and run this again."
	say "Installing redis-server …"
	no_services
	apt_install redis-server
}

prepare_postgres() {
	local initdb
	for initdb in /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb /opt/homebrew/opt/postgresql@*/bin/initdb; do
		[ -x "$initdb" ] && return
	done
	have initdb && have postgres && have psql && return
	can_install || fail "PostgreSQL is needed by the tests. Install its server (Debian: apt-get install postgresql; macOS: brew install postgresql@17) and run this again."
	say "Installing PostgreSQL …"
	no_services
	apt_install postgresql
}

prepare_nginx() {
	# With the module that serves files compressed beforehand by Brotli.
	have_nginx && return
	can_install || fail "nginx with the module brotli_static is needed by the tests of the front door. Install them (Debian: apt-get install nginx-light libnginx-mod-http-brotli-static) and run this again."
	say "Installing nginx …"
	no_services
	apt_install nginx-light libnginx-mod-http-brotli-static
}

have_nginx() {
	{ have nginx || [ -x /usr/sbin/nginx ]; } && [ -e /usr/lib/nginx/modules/ngx_http_brotli_static_module.so ]
}

prepare_prometheus() {
	have prometheus && return
	can_install || fail "Prometheus is needed by the local cluster. Install it (Debian: apt-get install prometheus; macOS: brew install prometheus) and run this again."
	say "Installing Prometheus …"
	no_services
	apt_install prometheus
}

# no_services keeps what apt installs from starting, where nothing decides that
# yet: the tests start their own.
no_services() {
	[ -e /usr/sbin/policy-rc.d ] && return
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod +x /usr/sbin/policy-rc.d
	trap 'rm -f /usr/sbin/policy-rc.d' EXIT
}

for need in "$@"; do
	"prepare_$need"
done
