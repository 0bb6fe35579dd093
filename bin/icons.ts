/**
 * `npm run icons`: the app's icons for places that take no SVG, drawn from `public/icon.svg` by Chromium. The result is
 * committed; to be run again when the SVG changes.
 */
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const folder = new URL('../public/', import.meta.url);

/**
 * Platforms that cut icons into their own shape want a full square; the drawing keeps clear of the edge, as a maskable
 * icon must (all of it within 80 % of the width).
 */
const ICONS = [
  { name: 'icon-192.png', pixels: 192, corners: 'round' },
  { name: 'icon-512.png', pixels: 512, corners: 'round' },
  { name: 'icon-maskable-512.png', pixels: 512, corners: 'square' },
  { name: 'apple-touch-icon.png', pixels: 180, corners: 'square' },
] as const;

const round = readFileSync(new URL('icon.svg', folder), 'utf8');
const square = round.replace(/ rx="\d+"/, '');
if (square === round)
  throw new Error('public/icon.svg has no rounded ground: tell bin/icons.ts how to cut it.');

const browser = await chromium.launch({
  executablePath: process.env['DRYDOCK_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage();
for (const { name, pixels, corners } of ICONS) {
  await page.setViewportSize({ width: pixels, height: pixels });
  await page.setContent(
    `<style>body { margin: 0 } svg { display: block; width: 100vw; height: 100vh }</style>${corners === 'round' ? round : square}`,
  );
  await page.screenshot({ path: new URL(name, folder).pathname, omitBackground: true });
}
await browser.close();
