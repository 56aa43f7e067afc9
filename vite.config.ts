// Builds the window. `--mode fake` builds the page that runs against the fake station instead; it is never packaged.

import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ mode }) => ({
  root: here('./renderer'),
  // Relative addresses: the same files are served under keyline:// and under http://127.0.0.1.
  base: './',
  plugins: [react()],
  build: {
    outDir: here(mode === 'fake' ? './dist/renderer-fake' : './dist/renderer'),
    emptyOutDir: true,
    target: 'chrome114',
    // A data: address would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: here(mode === 'fake' ? './renderer/fake/index.html' : './renderer/index.html'),
    },
  },
  server: { host: '127.0.0.1', strictPort: true },
}));
