/**
 * `npm run catalogue`: lists the images of the hub and their sizes, made where they are missing.
 * `npm run catalogue -- import REF…`, `import --file list.txt`: puts real images for linux/386 into the lock file, in
 * the place of stand-ins. The next `npm run image` brings them.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { make } from '../build.ts';
import { installPackages, missingPackages } from '../host/debian-packages.ts';
import { catalogue, images, imports, recipes } from './catalogue.ts';
import { findDigest, parseReference, readImported, readLock, SKOPEO, writeLock } from './import.ts';
import { importSizes, sizeTable } from './sizes.ts';
import { builtImages } from './write.ts';

const USAGE = `npm run catalogue                              lists the images and their sizes
npm run catalogue -- import REF...             takes real images for linux/386 in the place of stand-ins
npm run catalogue -- import --file list.txt    the same for each line of a file`;

async function list(): Promise<void> {
  await make(catalogue);
  const { built, skipped } = builtImages(recipes.images, (name) => images.get(name)?.output ?? '');
  const imported = [...imports].map(([reference, { output }]) => readImported(reference, output));
  console.log(sizeTable([...built.values()], importSizes(imported)));
  if (skipped.length > 0)
    console.log(`Not made on this host, which cannot run i386 programs: ${skipped.join(', ')}`);
}

async function importAll(references: string[]): Promise<void> {
  await installPackages(missingPackages(SKOPEO), console.log);
  const lock = readLock();
  const failures: string[] = [];
  for (const text of references) {
    try {
      const reference = parseReference(text);
      const digest = await findDigest(reference);
      lock.set(`${reference.repository}:${reference.tag}`, digest);
      writeLock(lock);
      console.log(`${reference.repository}:${reference.tag} ${digest}`);
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

/** A reference a line; `#` begins a comment. */
function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter(Boolean);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { file: { type: 'string' }, help: { type: 'boolean' } },
});
const [action, ...references] = positionals;
const wanted = [...references, ...(values.file === undefined ? [] : linesOf(values.file))];
try {
  if (action === undefined && !values.help) await list();
  else if (action === 'import' && wanted.length > 0) await importAll(wanted);
  else console.log(USAGE);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
