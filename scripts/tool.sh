#!/usr/bin/env bash
# Installs a Go tool into .tools once per version: tool.sh NAME MODULE VERSION.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
name="$1" module="$2" version="$3"
stamp="$tools/.$name-$version"
if [ -x "$tools/$name" ] && [ -f "$stamp" ]; then
	exit 0
fi
say "Building $name $version …"
mkdir -p "$tools"
(cd "$tools" && GOFLAGS= GOBIN="$tools" go install "$module@$version")
touch "$stamp"
