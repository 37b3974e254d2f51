import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const pages = ['start', 'desk', 'inbox', 'vault', 'confirm', 'reveal'];

// Two hosts answer the same calls: Tauri in the application, and for tests in a browser the bridge. What ships never
// holds the bridge: the mode decides at build time.
export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  resolve: {
    alias: {
      '$lib': here('./src/lib'),
      '$host': here(mode === 'bridge' ? './src/lib/host/bridge.ts' : './src/lib/host/tauri.ts'),
    },
  },
  build: {
    outDir: mode === 'bridge' ? 'dist-bridge' : 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: Object.fromEntries(pages.map((page) => [page, here(`./${page}.html`)])) },
  },
}));
