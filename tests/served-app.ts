/** The built app on a web server of its own and a Chromium that looks at it: for browser tests and benchmarks. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
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
  close: () => Promise<void>;
}

/** Builds the app into a temporary folder and serves it with the release at `release`. */
export async function serveApp(release: string): Promise<ServedApp> {
  process.env.DRYDOCK_RELEASE = release;
  const outDir = mkdtempSync(join(tmpdir(), 'drydock-app-'));
  await build({ logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  const server = await preview({ build: { outDir }, preview: { port: 0, host: '127.0.0.1' } });
  const sockets = new Set<Socket>();
  server.httpServer.on('connection', (socket: Socket) => sockets.add(socket));
  const { port } = server.httpServer.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/`,
    sentBytes: () => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    async close() {
      for (const socket of sockets) socket.destroy();
      await server.close();
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}

export interface Profile {
  context: BrowserContext;
  close: () => Promise<void>;
}

/** A Chromium with an empty profile of its own, HTTP cache included. */
export async function launchChromium(extraFlags: string[] = []): Promise<Profile> {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-chromium-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    headless: true,
    args: [...FLAGS, ...extraFlags],
    viewport: { width: 1440, height: 900 },
  });
  return {
    context,
    async close() {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
