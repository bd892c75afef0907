import { resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

const here = import.meta.dirname;

/** The screens alone: `npx vite` serves them while they are written, electron.vite.config.ts builds them for every shell. */
export default defineConfig({
  root: resolve(here, 'renderer'),
  base: '/',
  plugins: [vue()],
  server: { host: '127.0.0.1', strictPort: false },
  build: {
    outDir: resolve(here, 'out/renderer'),
    emptyOutDir: true,
    // Electron's Chromium, and current browsers for the console: nothing is rewritten for older ones.
    target: 'es2024',
    // The CSP allows no data: scripts, and the fonts are files of our own anyway.
    assetsInlineLimit: 0,
    rolldownOptions: { input: resolve(here, 'renderer/index.html') },
  },
});
