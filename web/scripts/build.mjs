// Builds the app into dist/, compresses what gains by it, and holds the
// bundles to their budgets: `node scripts/build.mjs`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = 'dist';
const budgets = { shellAndBoard: 170_000, css: 16_000 };

mkdirSync(dist, { recursive: true });
for (const name of readdirSync(dist)) {
  if (name !== '.gitkeep') rmSync(join(dist, name), { recursive: true });
}
const run = (tool, ...args) => execFileSync(join('node_modules', '.bin', tool), args, { stdio: 'inherit' });
run('tsc', '--noEmit');
run('vite', 'build');

const sizes = new Map();
const walk = (dir) => {
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) walk(path);
    else if (/\.(js|css|html|svg|json|txt)$/.test(name)) compress(path);
  }
};
const compress = (path) => {
  const body = readFileSync(path);
  const gz = gzipSync(body, { level: 9 });
  sizes.set(path.slice(dist.length + 1), gz.length);
  if (body.length < 1024) return;
  const br = brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  if (gz.length < body.length * 0.95) writeFileSync(`${path}.gz`, gz);
  if (br.length < body.length * 0.95) writeFileSync(`${path}.br`, br);
};
const manifest = JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8'));
rmSync(join(dist, 'manifest.json'));
walk(dist);

// What the board needs before it can show: the entry and the board's chunk with all they import.
const needed = new Set();
const add = (key) => {
  const part = manifest[key];
  if (!part || needed.has(part.file)) return;
  needed.add(part.file);
  for (const css of part.css ?? []) needed.add(css);
  for (const next of part.imports ?? []) add(next);
};
add('index.html');
for (const key of Object.keys(manifest)) {
  if (/\/(project-page|workspace-layout)\.tsx$/.test(key)) add(key);
}
let js = 0;
let css = 0;
for (const file of needed) {
  if (file.endsWith('.css')) css += sizes.get(file) ?? 0;
  else js += sizes.get(file) ?? 0;
}
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(
  `\nshell and board: ${kb(js)} of JavaScript (budget ${kb(budgets.shellAndBoard)}), ${kb(css)} of CSS (budget ${kb(budgets.css)}), gzip`,
);
if (js > budgets.shellAndBoard || css > budgets.css) {
  console.error('Over budget: load something later, or leave it out.');
  process.exit(1);
}
