/**
 * `npm run build [-- --earlier DIR]…`: the static site in `dist/`, machine included: any web server can serve it.
 * `--earlier` names the folder of the previous deployment, or one with several: sessions that were saved with them go on.
 */
import { cpSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { buildImage } from '../images/build.ts';
import { carryOver, earlierMachines } from './earlier.ts';

const OUTPUT = 'dist';

try {
  const { values } = parseArgs({ options: { earlier: { type: 'string', multiple: true, default: [] } } });
  const earlier = earlierMachines(values.earlier, OUTPUT);
  const release = await buildImage();
  await build({ build: { outDir: OUTPUT } });
  cpSync(release, `${OUTPUT}/machine`, { recursive: true });
  if (earlier.length > 0) {
    const { files, bytes } = carryOver(earlier, `${OUTPUT}/machine`);
    console.log(`Carried over from earlier releases: ${files} files, ${(bytes / 1e6).toFixed(1)} MB.`);
  }
  console.log(`${OUTPUT}/ is the whole site.`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
