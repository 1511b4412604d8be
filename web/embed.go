// Package web holds the built web app, embedded in the binary. The folder
// dist is filled by `npm run build`; without a build it is empty, and the
// server says so instead of serving a page.
package web

import "embed"

// Dist is the built web app under the folder "dist": index.html, hashed files
// in assets/ and, beside each that gains by it, the same compressed (.br, .gz).
//
//go:embed all:dist
var Dist embed.FS
