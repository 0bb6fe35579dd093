/**
 * Serves a release of the machine under `/machine/` in `vite dev` and `vite preview`, straight from the
 * folder that the image pipeline wrote: hundreds of megabytes need no copy in `public/`. A static
 * deployment puts that folder beside the built page instead. What has a file with `.br` beside it is sent compressed.
 */
import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { Connect, Plugin } from 'vite';

const CONTENT_TYPES: Record<string, string> = {
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** All files but the manifest are named by their content and never change. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** The plugin. Without a `folder`, requests for `/machine/` are answered with 404. */
export function releaseServer(folder: string | undefined): Plugin {
  const use = (server: { middlewares: Connect.Server }) => {
    server.middlewares.use('/machine', (request, response) => {
      void serve(folder, request, response);
    });
  };
  return { name: 'drydock:release-server', configureServer: use, configurePreviewServer: use };
}

async function serve(
  folder: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = folder && resolveInside(folder, request.url ?? '/');
  const compressed = asked && acceptsBrotli(request) ? await statFile(`${asked}.br`) : undefined;
  const file = compressed ? `${asked}.br` : asked;
  const found = compressed ?? (asked ? await statFile(asked) : undefined);
  if (!asked || !file || !found) {
    response.writeHead(404, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' });
    response.end(folder ? 'No such file in the release.\n' : 'DRYDOCK_RELEASE names no release folder.\n');
    return;
  }
  response.writeHead(200, {
    'Content-Type': CONTENT_TYPES[path.extname(asked)] ?? 'application/octet-stream',
    'Content-Length': found.size,
    'Cache-Control': path.basename(asked) === 'manifest.json' ? 'no-cache' : IMMUTABLE,
    'X-Content-Type-Options': 'nosniff',
    Vary: 'Accept-Encoding',
    ...(compressed && { 'Content-Encoding': 'br' }),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const stream = createReadStream(file);
  stream.on('error', () => response.destroy());
  response.on('close', () => stream.destroy());
  stream.pipe(response);
}

function acceptsBrotli({ headers }: IncomingMessage): boolean {
  return /\bbr\b/.test(headers['accept-encoding']?.toString() ?? '');
}

async function statFile(file: string): Promise<Stats | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? found : undefined;
}

/** The file that `url` names, or nothing where it points out of `folder`. */
function resolveInside(folder: string, url: string): string | undefined {
  const root = path.resolve(folder);
  let name: string;
  try {
    name = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return undefined;
  }
  const file = path.join(root, name);
  return file.startsWith(root + path.sep) ? file : undefined;
}
