/**
 * The built app on a web server as plain as GitHub Pages': files under a path, no other header than their type, and
 * "not found" for all else. The app on it can be replaced by a newer one.
 */
import { createReadStream, statSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

export interface StaticSite {
  /** Address of the page, ending in `/`. */
  url: string;
  /** Paths that were asked for within the site since it was started, in their order. */
  asked: string[];
  /** Puts another build in the place of the one before, whose files are gone then. */
  deploy: (app: string) => void;
  /** What is asked for at these paths is answered only when the returned function is called. */
  hold: (path: RegExp) => () => void;
  close: () => Promise<void>;
}

/** Serves the app in the folder `app` at `/some/path/`, and the release of the machine beneath it. */
export async function serveStatic(app: string, release: string): Promise<StaticSite> {
  const prefix = '/some/path/';
  const asked: string[] = [];
  let current = app;
  let held: { path: RegExp; until: Promise<void> } | undefined;

  const answer = async (url: string, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(url, 'http://localhost');
    const path = normalize(decodeURIComponent(pathname)).replace(/\/$/, '/index.html');
    if (!path.startsWith(prefix)) {
      response.writeHead(404).end();
      return;
    }
    const name = path.slice(prefix.length);
    asked.push(name);
    if (held?.path.test(name)) await held.until;
    const inRelease = name.startsWith('machine/') ? name.slice('machine/'.length) : undefined;
    const file = inRelease === undefined ? join(current, name) : join(release, inRelease);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  };

  const server = createServer((request, response) => {
    void answer(request.url ?? '/', response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}${prefix}`,
    asked,
    deploy(app) {
      current = app;
    },
    hold(path) {
      let release = (): void => undefined;
      const until = new Promise<void>((resolve) => (release = resolve));
      held = { path, until };
      return () => {
        held = undefined;
        release();
      };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
