import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

/** Serves the design gallery: `npx vite --config renderer/testing/vite.config.ts`, then /testing/gallery.html. */
export default defineConfig({ root: new URL('..', import.meta.url).pathname, plugins: [vue()], server: { port: 5199, strictPort: true } });
