import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { defineConfig } from 'vite';

const entrypoints = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, 'src/entrypoints');

/** One entry per screen: every file of src/entrypoints. */
const input = Object.fromEntries(
  readdirSync(entrypoints)
    .filter((name) => name.endsWith('.js'))
    .map((name) => [basename(name, '.js'), join(entrypoints, name)]),
);

export default defineConfig({
  base: '/static/build/',
  build: {
    outDir: '../static/build',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input },
  },
});
