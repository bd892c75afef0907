import { chmodSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import screens from './vite.config.ts';

const here = import.meta.dirname;

/** npm links the package's program to this file as it is, so it has to be executable. */
const executable = (file: string): Plugin => ({
  name: 'bulkhead:executable',
  writeBundle: ({ dir }) => chmodSync(resolve(dir ?? '.', file), 0o755),
});

/**
 * Three programs for the control room's three shells, the preload of the desktop's windows, and the screens.
 * Dependencies of `main` stay outside (they are in node_modules, or in the packaged app); the preload is one
 * self-contained CommonJS file, because a sandboxed preload can require nothing but `electron`.
 */
export default defineConfig({
  main: {
    plugins: [executable('cli.js')],
    build: {
      outDir: 'out/main',
      target: 'node24',
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        input: {
          desktop: resolve(here, 'electron/shells/desktop/main.ts'),
          console: resolve(here, 'electron/shells/console/main.ts'),
          cli: resolve(here, 'electron/shells/cli/main.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      minify: false,
      rolldownOptions: {
        input: { preload: resolve(here, 'electron/shells/desktop/preload/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: screens,
});
