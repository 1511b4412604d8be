#!/usr/bin/env bash
# Installs a Go tool into .tools once per version: tool.sh NAME PACKAGE VERSION.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
name="$1" package="$2" version="$3"
stamp="$tools/.$name-$version"
if [ -x "$tools/$name" ] && [ -f "$stamp" ]; then
	exit 0
fi
say "Building $name $version …"
mkdir -p "$tools"
# go install names a program after its folder, which need not be the tool's name.
made="$(mktemp -d "$tools/.made.XXXXXX")"
trap 'rm -rf "$made"' EXIT
# Built as bin/headway is, so that what they have in common is compiled once.
(cd "$tools" && CGO_ENABLED=0 GOFLAGS= GOBIN="$made" go install -trimpath -ldflags "-s -w" "$package@$version")
mv "$made"/* "$tools/$name"
touch "$stamp"
