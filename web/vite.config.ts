import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const src = fileURLToPath(new URL('./src', import.meta.url));
const server = process.env.HEADWAY_DEV_SERVER ?? 'http://localhost:8080';

// Nothing is inlined as data: or as a script, so that the page runs under the
// server's strict Content-Security-Policy.
export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: {
    alias: {
      '@': src,
      'react-remove-scroll': `${src}/shared/ui/unlocked.ts`,
      'aria-hidden': `${src}/shared/ui/unlocked.ts`,
    },
  },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: false,
    manifest: 'manifest.json',
  },
  server: { proxy: { '/api': { target: server, ws: false }, '/.well-known': server } },
});
