/**
 * Makes the machine if it is not in the cache, builds the app and serves both. `--port N` chooses the port,
 * `--host` serves to other computers too (a page that is not on localhost then needs HTTPS).
 */
import { parseArgs } from 'node:util';
import { build, preview } from 'vite';
import { buildImage } from '../images/build.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '5173' }, host: { type: 'boolean', default: false } },
});

process.env.DRYDOCK_RELEASE = await buildImage();
console.log('Building the app …');
await build({ logLevel: 'warn' });
const server = await preview({ preview: { port: Number(values.port), host: values.host } });
console.log('\nDrydock is at');
server.printUrls();
console.log('  Ctrl+C ends it.');
