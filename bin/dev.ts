/** `npm run dev`: the app with hot replacement, on the machine from the cache. */
import { createServer } from 'vite';
import { buildImage } from '../images/build.ts';

process.env.DRYDOCK_RELEASE = await buildImage();
const server = await createServer();
await server.listen();
server.printUrls();
