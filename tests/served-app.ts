/** The built app on a web server of its own and a Chromium that looks at it: for browser tests and benchmarks. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { build, preview } from 'vite';

/** Debian's browser: the tests install no other. */
const CHROMIUM = process.env.DRYDOCK_CHROMIUM ?? '/usr/bin/chromium';

/** The background services of Chromium would only try to reach hosts that are not there. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface ServedApp {
  /** Address of the page, ending in `/`. */
  url: string;
  /** Bytes that the server has sent so far, headers included. */
  sentBytes: () => number;
  /** Answers no more, as if the network were off. */
  disconnect: () => void;
  close: () => Promise<void>;
}

/** Builds the app into a temporary folder, with other lessons than its own if `lessons` names a folder of them. */
export async function buildApp(lessons?: string): Promise<string> {
  if (lessons === undefined) delete process.env.DRYDOCK_LESSONS;
  else process.env.DRYDOCK_LESSONS = lessons;
  const outDir = mkdtempSync(join(tmpdir(), 'drydock-app-'));
  // Else Vite builds for what the test runner has set here.
  process.env.NODE_ENV = 'production';
  await build({ logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  return outDir;
}

/** Builds the app and serves it with the release at `release`, and other lessons than its own. */
export async function serveApp(release: string, lessons?: string): Promise<ServedApp> {
  process.env.DRYDOCK_RELEASE = release;
  const outDir = await buildApp(lessons);
  const server = await preview({ build: { outDir }, preview: { port: 0, host: '127.0.0.1' } });
  const sockets = new Set<Socket>();
  server.httpServer.on('connection', (socket: Socket) => sockets.add(socket));
  const { port } = server.httpServer.address() as AddressInfo;
  const disconnect = (): void => {
    server.httpServer.close();
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://localhost:${port}/`,
    sentBytes: () => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    disconnect,
    async close() {
      for (const socket of sockets) socket.destroy();
      if (server.httpServer.listening) await server.close();
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}

export interface Profile {
  context: BrowserContext;
  close: () => Promise<void>;
}

/** What is chosen in the settings for all sites: "Don't allow sites to save data on your device". */
const NO_SITE_DATA = { profile: { default_content_setting_values: { cookies: 2 } } };

/**
 * A Chromium with an empty profile of its own, HTTP cache included. Service workers are for tests of them: what they
 * answer goes past the routes that a test sets.
 * @param siteData whether sites can keep anything
 */
export async function launchChromium(
  extraFlags: string[] = [],
  serviceWorkers: 'allow' | 'block' = 'block',
  siteData: 'kept' | 'blocked' = 'kept',
): Promise<Profile> {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-chromium-'));
  if (siteData === 'blocked') {
    mkdirSync(join(folder, 'Default'));
    writeFileSync(join(folder, 'Default', 'Preferences'), JSON.stringify(NO_SITE_DATA));
  }
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    headless: true,
    args: [...FLAGS, ...extraFlags],
    viewport: { width: 1440, height: 900 },
    serviceWorkers,
  });
  return {
    context,
    async close() {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Empties the list of saved sessions, from a page of the site on which the app does not run. */
export async function forgetSessions(page: Page, url: string): Promise<void> {
  await page.goto(`${url}repair.html`);
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('drydock-sessions', 1);
        opening.onupgradeneeded = () => {
          opening.result.createObjectStore('records');
          opening.result.createObjectStore('files');
        };
        opening.onerror = () => {
          reject(new Error(String(opening.error)));
        };
        opening.onsuccess = () => {
          const clearing = opening.result.transaction('records', 'readwrite').objectStore('records').clear();
          clearing.onsuccess = () => {
            opening.result.close();
            resolve();
          };
        };
      }),
  );
}
