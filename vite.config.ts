import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Rolldown } from 'vite';
import { lessons } from './lessons/vite.ts';
import { contentSecurityPolicy } from './vite/content-security-policy.ts';
import { releaseServer } from './vite/release-server.ts';

/** v86 asks for Node's modules only in Node; that a browser has none is no news. Nor is what takes the bundler's time. */
const bundler: Pick<Rolldown.InputOptions, 'checks' | 'onLog' | 'treeshake'> = {
  checks: { bundlerTimings: false },
  // The hub's worker reads manifests, which name the emulator's version, and has no use for the emulator.
  treeshake: { moduleSideEffects: [{ test: /libv86\.mjs$/, sideEffects: false }] },
  onLog(level, log, report) {
    const known =
      log.message.includes('externalized for browser compatibility') && log.message.includes('libv86.mjs');
    if (!known) report(level, log);
  },
};

export default defineConfig({
  // Relative addresses: the built page works in any folder of a static host.
  base: './',
  plugins: [svelte(), lessons(), contentSecurityPolicy(), releaseServer(process.env['DRYDOCK_RELEASE'])],
  worker: { format: 'es', rolldownOptions: bundler },
  build: {
    rolldownOptions: bundler,
    target: ['chrome111', 'firefox114', 'safari16.4'],
    // The policy allows no data: fonts, and small files are cheap to fetch.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
});
