/**
 * The web manifest, by which browsers install Drydock as an app. All addresses are relative: it works in any folder of
 * a site. It has no `id`, which browsers would read relative to the whole host, so that two copies of Drydock on one
 * host would be one app; without it the start address, which no two share, is the app's identity.
 */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import type { ManifestOptions } from 'vite-plugin-pwa';

const SCREENSHOT = 'workspace.png';

/** Colours as in `src/tokens.css`. A manifest has one of each; index.html has those of both themes. */
export const WEB_MANIFEST: Partial<ManifestOptions> = {
  name: 'Drydock: Docker in a browser tab',
  short_name: 'Drydock',
  description: 'A real Docker Engine in this browser tab: no account, no server, no time limit.',
  lang: 'en',
  dir: 'ltr',
  start_url: './',
  scope: './',
  display: 'standalone',
  theme_color: '#f4f6f8',
  background_color: '#f4f6f8',
  categories: ['education', 'developer', 'utilities'],
  icons: [
    { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
    { src: 'icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
    { src: 'icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
    { src: 'icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
  ],
  shortcuts: [
    {
      name: 'Open a playground',
      short_name: 'Playground',
      url: './#/playground',
      icons: [{ src: 'icon-192.png', sizes: '192x192', type: 'image/png' }],
    },
    {
      name: 'Lessons',
      url: './#/',
      icons: [{ src: 'icon-192.png', sizes: '192x192', type: 'image/png' }],
    },
  ],
  screenshots: [
    {
      src: SCREENSHOT,
      sizes: '1440x900',
      type: 'image/png',
      form_factor: 'wide',
      label: 'A lesson beside a terminal of the machine',
    },
  ],
};

/** Puts the picture that the manifest shows beside the built page; it is the README's. */
export function manifestScreenshot(): Plugin {
  return {
    name: 'drydock:manifest-screenshot',
    apply: 'build',
    generateBundle() {
      this.emitFile({
        type: 'asset',
        fileName: SCREENSHOT,
        source: readFileSync(new URL(`../docs/${SCREENSHOT}`, import.meta.url)),
      });
    },
  };
}
