/**
 * `npm run bench:guard [-- --record]`: counts the guest instructions of ten everyday commands, which are the same to
 * a few percent on every computer and in every build, and fails when one costs over a tenth more than guard.json
 * says. `--record` writes that file anew, after a change that is worth what it costs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildImage } from '../../images/build.ts';
import { FolderSource } from '../../worker/node/folder-source.ts';
import { Machine } from '../../worker/vm/machine.ts';
import { COMMANDS, FIRST_CONTAINER, median, repeat } from './commands.ts';

/** How much more than recorded a command may cost. */
const TOLERANCE = 1.1;

/** Cold caches and a first collection of garbage cost more; they are not what is guarded. */
const WARM_UPS = 3;

const recordFile = new URL('guard.json', import.meta.url);
const { values } = parseArgs({ options: { record: { type: 'boolean', default: false } } });

const machine = new Machine({ source: new FolderSource(await buildImage()) });
await machine.load();
const measured: Record<string, number> = {};
const run = async (script: string): Promise<number> => {
  const before = machine.statistics().instructions;
  const { exitCode, stderr } = await machine.exec(script, { timeout: 180 });
  if (exitCode !== 0) throw new Error(`${script}: exit code ${exitCode}: ${stderr}`);
  return machine.statistics().instructions - before;
};
const idle = median(await repeat({ script: 'true', times: 3 }, run));
await repeat({ script: FIRST_CONTAINER, times: WARM_UPS }, run);
for (const each of COMMANDS) {
  process.stderr.write(`${each.title}\n`);
  measured[each.id] = Math.round((median(await repeat(each, run)) - idle) / 1e5) / 10;
}
await machine.destroy();

if (values.record) {
  writeFileSync(recordFile, `${JSON.stringify(measured, null, 2)}\n`);
  console.log(measured);
} else {
  const recorded = JSON.parse(readFileSync(recordFile, 'utf8')) as Record<string, number>;
  for (const { id, title } of COMMANDS) {
    const [now = NaN, then = NaN] = [measured[id], recorded[id]];
    const worse = !(now <= then * TOLERANCE);
    console.log(
      `${worse ? 'worse' : 'ok   '}  ${title}: ${now} Mi, recorded ${then} Mi (× ${(now / then).toFixed(2)})`,
    );
    if (worse) process.exitCode = 1;
  }
}
