/**
 * `npm run pack`: a copy of Drydock to take along, as a folder or a zip: for a USB stick, a classroom's network, or
 * any web server, with the lessons and images that are chosen.
 */
import { Listr, PRESET_TIMER } from 'listr2';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildImage } from '../images/build.ts';
import { CACHE } from '../images/pipeline/cache.ts';
import { zipFolder } from './copy/archive.ts';
import { choose } from './copy/choice.ts';
import { megabytes } from './copy/contents.ts';
import { addApp, addMachine, addPrograms } from './copy/copy.ts';
import { openRelease } from './copy/release.ts';

const USAGE = `npm run pack [-- OPTIONS]     makes a copy of Drydock to take along

  --tracks A,B        only the lessons of these tracks (default: all lessons)
  --lessons ID,ID     only these lessons; with --tracks, these too
  --images REF,REF    these images of the hub, and those that the lessons need
  --images all        all images
  --images none       only those that the lessons need (the default)
  --without-small     without the machine for browsers with little memory (saves 87 MB)
  --out DIR|FILE.zip  where to (default: drydock-copy)`;

const options = readOptions();
try {
  if (options.help) console.log(USAGE);
  else await pack(options);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        tracks: { type: 'string' },
        lessons: { type: 'string' },
        images: { type: 'string', default: 'none' },
        'without-small': { type: 'boolean', default: false },
        out: { type: 'string', default: 'drydock-copy' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function pack(wishes: ReturnType<typeof readOptions>): Promise<void> {
  const { out } = wishes;
  if (existsSync(out))
    throw new Error(`${out} is there already. Remove it, or name another place with --out.`);
  const release = openRelease(await buildImage());
  const choice = choose(
    { ...wishes, withoutSmall: wishes['without-small'] },
    release.catalogue,
    process.env.DRYDOCK_LESSONS,
  );
  const zipped = out.endsWith('.zip');
  // A folder that appears when it is whole. Beside the release a zip's files need no second copy on the disk.
  const partial = zipped ? join(CACHE, `copy-${process.pid}`) : `${resolve(out)}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  let contents = '';
  try {
    await new Listr(
      [
        {
          title: `Building the app, lessons: ${choice.lessons.length}`,
          task: () => addApp(choice, partial),
        },
        {
          title: `Adding the machine, images: ${choice.catalogue.repositories.length}`,
          task: () => addMachine(release, choice, partial),
        },
        {
          title: 'Adding servers and what to read first',
          task: () => {
            contents = addPrograms(choice, partial);
          },
        },
        {
          title: 'Putting it into a zip',
          enabled: zipped,
          task: async (_, task) => {
            mkdirSync(dirname(resolve(out)), { recursive: true });
            await zipFolder(partial, basename(out, '.zip'), `${out}.partial`, (percent) => {
              task.output = `${percent} %`;
            });
          },
        },
      ],
      { fallbackRenderer: 'simple', rendererOptions: { timer: PRESET_TIMER } },
    ).run();
    renameSync(zipped ? `${out}.partial` : partial, out);
  } finally {
    rmSync(partial, { recursive: true, force: true });
    rmSync(`${out}.partial`, { recursive: true, force: true });
  }
  console.log(`\n${contents}`);
  for (const note of choice.notes) console.log(`Note: ${note}`);
  console.log(
    zipped
      ? `\n${out} (${megabytes(statSync(out).size)}) is the copy. Unpack it, and open “READ ME FIRST.txt” in it.`
      : `\n${out}/ is the copy. Its “READ ME FIRST.txt” says how to start it; ${out}/site/ is for a web server.`,
  );
}
