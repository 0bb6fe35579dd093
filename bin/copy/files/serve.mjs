/**
 * Serves this copy of Drydock: `node serve.mjs [--open] [--lan] [--port N]`. For Node.js 14 or newer; it needs nothing
 * but itself. serve.py does the same with Python.
 */
import { spawn } from 'node:child_process';
import { createReadStream, promises } from 'node:fs';
import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SITE = fileURLToPath(new URL('site', import.meta.url));

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** Compressed files that may lie beside a file, the best first. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
];

/** These files are named by their content and never change. */
const IMMUTABLE = /^\/(?:assets|machine\/(?:files|chunks|catalogue))\//;

/** Pages of containers are shown on origins of their own: further ports, which have these files and no others. */
const PREVIEWS = 4;
const PREVIEW_FILE = /^\/drydock-preview[a-z-]*\.(?:html|js)$/;

const USAGE = `node serve.mjs [--open] [--lan] [--port N]
  --open    opens the page in the browser
  --lan     serves to other computers too
  --port N  another port than 8377`;

/** The path in the site that an address names; undefined for what can be no file of it. */
function pathOf(url) {
  let path;
  try {
    path = decodeURIComponent(url.replace(/[?#].*/s, ''));
  } catch {
    return undefined;
  }
  if (path === '/') return '/index.html';
  return /^(?:\/[^./\\:\0][^/\\:\0]*)+$/.test(path) ? path : undefined;
}

async function isFile(file) {
  const found = await promises.stat(file).catch(() => undefined);
  return found && found.isFile() ? found : undefined;
}

/** The file to send for a path: a compressed one where there is one that the browser takes. */
async function choose(path, accepted) {
  for (const [encoding, suffix] of ENCODINGS) {
    if (!new RegExp(`\\b${encoding}\\b(?!\\s*;\\s*q=0(?:\\.0*)?(?:,|\\s|$))`).test(accepted)) continue;
    const file = join(SITE, path + suffix);
    const found = await isFile(file);
    if (found) return { file, size: found.size, encoding };
  }
  const file = join(SITE, path);
  const found = await isFile(file);
  return found && { file, size: found.size };
}

function refuse(response, status, text, headers = {}) {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(text);
}

async function answer(request, response, previews) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, 405, 'Only GET and HEAD.\n', { Allow: 'GET, HEAD', Connection: 'close' });
    return;
  }
  const asked = pathOf(request.url);
  if (previews && asked === '/preview-origins.json') {
    const host = (request.headers.host || 'localhost').replace(/:\d+$/, '');
    const content = JSON.stringify({ origins: previews.map((port) => `http://${host}:${port}`) });
    response.writeHead(200, {
      'Content-Type': TYPES['.json'],
      'Content-Length': Buffer.byteLength(content),
      'Cache-Control': 'no-store',
    });
    response.end(request.method === 'HEAD' ? undefined : content);
    return;
  }
  const path = previews ? asked : PREVIEW_FILE.test(asked) ? `/preview${asked}` : undefined;
  const chosen = path && (await choose(path, request.headers['accept-encoding'] || ''));
  if (!chosen) {
    refuse(response, 404, 'No such file in this copy of Drydock.\n');
    return;
  }
  const { file, size, encoding } = chosen;
  response.writeHead(200, {
    'Content-Type': TYPES[extname(path)] || 'application/octet-stream',
    'Content-Length': size,
    'Cache-Control': IMMUTABLE.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    Vary: 'Accept-Encoding',
    // A page that keeps its thread busy must not keep ours.
    ...(!previews && { 'Origin-Agent-Cluster': '?1' }),
    ...(encoding && { 'Content-Encoding': encoding }),
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

/** Asks the system to show an address; where it cannot, the address has been printed. */
function open(address) {
  const [program, ...parameters] = { win32: ['explorer', address], darwin: ['open', address] }[
    process.platform
  ] || ['xdg-open', address];
  const opening = spawn(program, parameters, { stdio: 'ignore', detached: true });
  opening.on('error', () => undefined);
  opening.unref();
}

function readOptions(words) {
  const options = { port: 8377, lan: false, open: false };
  while (words.length > 0) {
    const word = words.shift();
    if (word === '--lan') options.lan = true;
    else if (word === '--open') options.open = true;
    else if (word === '--port' && /^\d{1,5}$/.test(words[0]) && words[0] < 65536)
      options.port = Number(words.shift());
    else {
      console.error(USAGE);
      process.exit(2);
    }
  }
  return options;
}

const options = readOptions(process.argv.slice(2));
const listener = (previews) => (request, response) => {
  answer(request, response, previews).catch(() => response.destroy());
};
const host = options.lan ? '0.0.0.0' : '127.0.0.1';
const previews = [];
/** The same ports each time, if they are free: a browser remembers the service worker of each. */
function openPreviews(port) {
  for (let i = 0; i < PREVIEWS; i++) {
    const origin = createServer(listener(undefined));
    origin.on('listening', () => previews.push(origin.address().port));
    origin.once('error', () => origin.listen(0, host));
    origin.listen((port + 1 + i) % 65536, host);
  }
}
const server = createServer(listener(previews));
server.on('error', ({ code, message }) => {
  console.error(
    code === 'EADDRINUSE'
      ? `Port ${options.port} is taken, perhaps by Drydock itself: look at http://localhost:${options.port}/\nElse choose another one: --port ${options.port + 1}`
      : message,
  );
  process.exit(1);
});
server.listen(options.port, host, () => {
  const { port } = server.address();
  openPreviews(port);
  const here = `http://localhost:${port}/`;
  console.log(`Drydock is at ${here}`);
  if (options.lan) {
    const addresses = Object.values(networkInterfaces())
      .flat()
      .filter(({ family, internal }) => !internal && (family === 'IPv4' || family === 4));
    for (const { address } of addresses) console.log(`For the class:  http://${address}:${port}/`);
    console.log(`
Browsers give less to a page that comes by plain HTTP from another computer: there lessons and the machine
run, but nothing is kept for use without the network, and the page's own buttons cannot use the clipboard
(the keys for copy and paste do). Everything works by HTTPS, and with this program on each computer.
`);
  }
  console.log('Ctrl+C ends it.');
  if (options.open) open(here);
});
