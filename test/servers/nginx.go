package servers

import (
	"os"
	"path/filepath"
)

// Brotli is the file of nginx's module that serves files compressed beforehand.
func Brotli(t T) string {
	t.Helper()
	return program(t, "ngx_http_brotli_static_module.so", "/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules")
}

// Nginx starts nginx with the configuration that config makes for an address
// to listen on and a folder to work in.
func Nginx(t T, config func(listen, folder string) string) *Process {
	t.Helper()
	return NginxAt(t, "nginx", "", config)
}

// NginxAt is Nginx under a name for messages, at an address, HOST:PORT, that
// is to be free; "" picks one.
func NginxAt(t T, name, addr string, config func(listen, folder string) string) *Process {
	t.Helper()
	nginx, folder := program(t, "nginx", "/usr/sbin", "/usr/local/sbin"), t.TempDir()
	file := filepath.Join(folder, "nginx.conf")
	directives := "daemon off;"
	if os.Geteuid() == 0 {
		directives += " user root;" // the workers read what the test wrote, for its owner only
	}
	return start(t, spec{
		name: name,
		command: func(addr string) (string, []string) {
			if err := os.WriteFile(file, []byte(config(addr, folder)), 0o600); err != nil {
				t.Fatal(err)
			}
			return nginx, []string{"-c", file, "-e", filepath.Join(folder, "start.log"), "-g", directives}
		},
		ready: accepts,
		addr:  addr,
	})
}

// Loopback is FreeAddr for tests.
func Loopback(t T) string {
	t.Helper()
	addr, err := FreeAddr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return addr
}
