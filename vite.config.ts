import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { lessons } from './lessons/vite.ts';
import { contentSecurityPolicy } from './vite/content-security-policy.ts';
import { releaseServer } from './vite/release-server.ts';

export default defineConfig({
  // Relative addresses: the built page works in any folder of a static host.
  base: './',
  plugins: [svelte(), lessons(), contentSecurityPolicy(), releaseServer(process.env['DRYDOCK_RELEASE'])],
  worker: { format: 'es' },
  build: {
    target: ['chrome111', 'firefox114', 'safari16.4'],
    // The policy allows no data: fonts, and small files are cheap to fetch.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
});
