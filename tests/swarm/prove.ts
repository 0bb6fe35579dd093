/**
 * `npm run test:swarm [-- FILE …]`: what several machines do together. A file of tests takes up to ten minutes on two cores, so
 * `proved.json` says of which machine and which code each was proved, and one runs when that is another, or with
 * DRYDOCK_PROVE=all.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hashInputs } from '../../images/pipeline/cache.ts';
import { snapshot } from '../../images/snapshot/snapshot.ts';

const notes = join(import.meta.dirname, 'proved.json');

/** By file: the hash of what it was proved of. */
type Proved = Record<string, string>;

function readProved(): Proved {
  return existsSync(notes) ? (JSON.parse(readFileSync(notes, 'utf8')) as Proved) : {};
}

/** What runs machines and connects them. */
const code = ['vm', 'net', 'node'].flatMap((name) => {
  const folder = join(import.meta.dirname, '../../worker', name);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => /(?<!\.test)\.ts$/.test(file)).map((file) => join(folder, file));
});

/** The name of its folder in the cache is a hash of all that it is made from. */
const machine = basename(snapshot('standard').output);

const chosen = process.argv.slice(2);
const all = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'));

for (const file of chosen.length > 0 ? chosen : all) {
  const own = [file, 'cluster.ts'].map((name) => join(import.meta.dirname, name));
  const hash = hashInputs([machine], [...own, ...code.sort()]);
  if (readProved()[file] === hash && process.env.DRYDOCK_PROVE !== 'all') {
    console.log(`${file}: proved, and nothing of it has changed`);
    continue;
  }
  const { status } = spawnSync(
    'npx',
    ['vitest', 'run', '--project', 'swarm', '--reporter=verbose', join('tests/swarm', file)],
    {
      stdio: 'inherit',
    },
  );
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(notes, `${JSON.stringify({ ...readProved(), [file]: hash }, null, 2)}\n`);
}
