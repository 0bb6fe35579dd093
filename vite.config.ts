import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Rolldown } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { lessons } from './lessons/vite.ts';
import { appVersion } from './vite/app-version.ts';
import { contentSecurityPolicy } from './vite/content-security-policy.ts';
import { previewOrigin } from './vite/preview-origin.ts';
import { releaseServer } from './vite/release-server.ts';
import { manifestScreenshot, WEB_MANIFEST } from './vite/web-manifest.ts';

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
 * The service worker, which keeps the app's own files; the machine's and the hub's are kept by our workers, on demand.
 * The page that repairs a broken one must not come from it.
 */
const serviceWorker = VitePWA({
  strategies: 'injectManifest',
  srcDir: 'src/service-worker',
  filename: 'sw.ts',
  injectRegister: false,
  manifest: WEB_MANIFEST,
  injectManifest: {
    rollupFormat: 'iife',
    buildPlugins: { vite: [{ name: 'drydock:quiet', config: () => ({ logLevel: 'warn' }) }] },
    globPatterns: ['**/*.{html,js,css,svg,woff2,wasm,png,jpg,jpeg,gif,webp,avif}'],
    globIgnores: ['machine/**', 'preview/**', 'repair.*', 'workspace.png'],
  },
});

export default defineConfig({
  // Relative addresses: the built page works in any folder of a static host.
  base: './',
  define: { 'import.meta.env.DRYDOCK_VERSION': JSON.stringify(appVersion()) },
  plugins: [
    svelte(),
    lessons(process.env['DRYDOCK_LESSONS']),
    contentSecurityPolicy(),
    releaseServer(process.env['DRYDOCK_RELEASE']),
    previewOrigin(),
    manifestScreenshot(),
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
