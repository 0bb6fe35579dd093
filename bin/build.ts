/** `npm run build`: the static site in `dist/`, machine included: any web server can serve it. */
import { cpSync } from 'node:fs';
import { build } from 'vite';
import { buildImage } from '../images/build.ts';

const release = await buildImage();
await build();
cpSync(release, 'dist/machine', { recursive: true });
console.log('dist/ is the whole site.');
