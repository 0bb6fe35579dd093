/**
 * The origins on which pages of containers are shown. They are untrusted, so each needs an origin that is not ours; and a
 * service worker of that origin answers for the machine, so browsers must take it for the same site as ours: another port
 * of localhost, another name of the same domain.
 *
 * The built app has in `preview/` what such an origin serves, whatever it is asked for: four files. `preview-origins.json`
 * says which origins there are. `vite dev` and `vite preview` open ports for them; a deployment names its own in
 * DRYDOCK_PREVIEW_ORIGINS when it builds.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import {
  build,
  type Connect,
  type Plugin,
  type PreviewServer,
  type ResolvedConfig,
  type ViteDevServer,
} from 'vite';
import { CONNECTOR, CONNECTOR_SCRIPT, PAGE_SCRIPT, WORKER } from '../src/preview/origin/paths.ts';

/** Pages of as many ports can be shown at once. */
const ORIGINS = 4;

const SOURCES = join(import.meta.dirname, '../src/preview/origin');

const PATHS = [CONNECTOR, CONNECTOR_SCRIPT, WORKER, PAGE_SCRIPT];

const CONNECTOR_PAGE = `<!doctype html>
<meta charset="utf-8">
<title>Drydock preview</title>
<script type="module" src="${CONNECTOR_SCRIPT}"></script>
`;

/** The origins that a deployment has for previews. */
export function configuredOrigins(): string[] {
  return (process.env['DRYDOCK_PREVIEW_ORIGINS'] ?? '').split(/[\s,]+/).filter((origin) => origin !== '');
}

export function previewOrigin(): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'drydock:preview-origin',
    configResolved: (resolved) => {
      config = resolved;
    },
    async generateBundle() {
      for (const [path, source] of Object.entries(await files()))
        this.emitFile({ type: 'asset', fileName: `preview${path}`, source });
      const source = JSON.stringify({ origins: configuredOrigins() });
      this.emitFile({ type: 'asset', fileName: 'preview-origins.json', source });
    },
    async configureServer(server: ViteDevServer) {
      const bundled = await files();
      serve(server, (path) => Promise.resolve(bundled[path]));
    },
    configurePreviewServer: (server: PreviewServer) => {
      const folder = resolve(config.root, config.build.outDir, 'preview');
      serve(server, (path) => readFile(join(folder, path), 'utf8'));
    },
  };
}

/** By path: what an origin serves. The service worker has the others in it. */
async function files(): Promise<Record<string, string>> {
  const [connector, page] = await Promise.all([bundle('connector.ts'), bundle('page.ts')]);
  const others = { [CONNECTOR]: CONNECTOR_PAGE, [CONNECTOR_SCRIPT]: connector, [PAGE_SCRIPT]: page };
  const typed = Object.entries(others).map(([path, content]) => [path, [typeOf(path), content]]);
  const worker = await bundle('worker.ts', { OWN_FILES: JSON.stringify(Object.fromEntries(typed)) });
  return { ...others, [WORKER]: worker };
}

const typeOf = (path: string): string =>
  path === CONNECTOR ? 'text/html; charset=utf-8' : 'text/javascript; charset=utf-8';

async function bundle(source: string, define: Record<string, string> = {}): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    define,
    build: {
      write: false,
      target: ['chrome111', 'firefox114', 'safari16.4'],
      rolldownOptions: { input: join(SOURCES, source), output: { format: 'iife' } },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  const chunk = 'output' in output ? output.output[0] : undefined;
  if (!chunk) throw new Error(`${source} could not be bundled.`);
  return chunk.code;
}

/** Opens a port for each origin on the host of `server`, and has that say which. */
function serve(
  server: { middlewares: Connect.Server; httpServer: unknown; config: ResolvedConfig },
  read: (path: string) => Promise<string | undefined>,
): void {
  const main = server.httpServer as Server | null;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const content = PATHS.includes(pathname) ? await read(pathname) : undefined;
    if (content === undefined) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Open this from the playground.\n');
      return;
    }
    response
      .writeHead(200, {
        'Content-Type': typeOf(pathname),
        'Cache-Control': 'no-cache',
        // A page that keeps its thread busy must not keep ours.
        'Origin-Agent-Cluster': '?1',
      })
      .end(content);
  };
  const origins = Array.from({ length: ORIGINS }, () =>
    createServer((request, response) => {
      answer(request, response).catch(() => response.writeHead(500).end());
    }),
  );
  main?.once('listening', () => {
    const { address, port } = main.address() as AddressInfo;
    origins.forEach((origin, i) => {
      // The same ports each time, if they are free: a browser remembers the service worker of each.
      origin.once('error', () => origin.listen(0, address)).listen((port + 1 + i) % 65536, address);
    });
  });
  main?.once('close', () => {
    for (const origin of origins) {
      origin.closeAllConnections();
      origin.close();
    }
  });
  server.middlewares.use((request, response, next) => {
    const host = (request.headers.host ?? 'localhost').replace(/:\d+$/, '');
    const addresses = origins.flatMap((origin) => {
      const address = origin.address() as AddressInfo | null;
      return address ? [`http://${host}:${address.port}`] : [];
    });
    if (request.url?.startsWith(`${server.config.base.replace(/^\./, '')}preview-origins.json`)) {
      response
        .writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
        .end(JSON.stringify({ origins: addresses }));
      return;
    }
    // The policy in the page allows all of localhost: which ports these are is known here.
    response.setHeader('Content-Security-Policy', `frame-src ${addresses.join(' ')}`);
    next();
  });
}
