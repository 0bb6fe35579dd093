import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Rolldown } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
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

/**
 * The service worker, which keeps the app's own files; the machine's and the hub's are kept by our workers, on demand. A
 * new one waits until no page of the old version is open, unless the user asks for it.
 */
const serviceWorker = VitePWA({
  injectRegister: false,
  registerType: 'prompt',
  manifest: false,
  workbox: {
    globPatterns: ['**/*.{html,js,css,svg,woff2,wasm}'],
    globIgnores: ['machine/**'],
    navigateFallback: 'index.html',
    navigateFallbackDenylist: [/\/machine\//],
    clientsClaim: true,
    inlineWorkboxRuntime: true,
  },
});

export default defineConfig({
  // Relative addresses: the built page works in any folder of a static host.
  base: './',
  plugins: [
    svelte(),
    lessons(process.env['DRYDOCK_LESSONS']),
    contentSecurityPolicy(),
    releaseServer(process.env['DRYDOCK_RELEASE']),
    serviceWorker,
  ],
  worker: { format: 'es', rolldownOptions: bundler },
  build: {
    rolldownOptions: bundler,
    target: ['chrome111', 'firefox114', 'safari16.4'],
    // The policy allows no data: fonts, and small files are cheap to fetch.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
});
