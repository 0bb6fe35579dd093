/**
 * `npm run image [-- --again STEP]`: makes the machine and prints the folder of the release. Every step is
 * taken from the cache where its inputs have not changed; `--again` makes one step (and what follows from a
 * changed result) anew.
 */
import { Listr, PRESET_TIMER, type ListrTask } from 'listr2';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installPackages, missingPackages } from './host/debian-packages.ts';
import { i386Mode, i386Programs, UNPACKING } from './host/i386.ts';
import { catalogue, images } from './catalogue/catalogue.ts';
import { IMAGE_FILES } from './catalogue/image.ts';
import { inOrder, type Step } from './pipeline/step.ts';
import { release } from './release.ts';

/** Makes the machine, and resolves with the release folder. */
export function buildImage(): Promise<string> {
  forgetSkipped();
  return make(release);
}

/** Images that were left out since this host could not make them: it may be able to by now. */
function forgetSkipped(): void {
  const skipped = [...images.values()].filter(({ output }) => existsSync(join(output, IMAGE_FILES.skipped)));
  if (skipped.length === 0 || i386Mode() === 'machine') return;
  for (const step of [...skipped, catalogue, release]) step.forget();
}

/** Machines and compressors use one core for most of their time. */
const STEPS_AT_ONCE = 2;

const checkHost: ListrTask = {
  title: 'Checking what this host has',
  task: async (_, task) => {
    const report = (line: string): void => {
      task.output = line;
    };
    await installPackages(missingPackages(i386Programs()), report);
    if (i386Mode() === 'machine') await installPackages(missingPackages(UNPACKING), report);
  },
};

/** Tasks for steps in their order: each waits for those that it needs, all of which have begun before it. */
function inParallel(steps: Step[]): ListrTask[] {
  const begun = new Map<Step, Promise<void>>();
  return steps.map((next) => ({
    title: next.title,
    task: (_, task) => {
      const building = Promise.all(next.needs.flatMap((need) => begun.get(need) ?? [])).then(() =>
        next.build((line) => {
          task.output = line;
        }),
      );
      begun.set(next, building);
      return building;
    },
  }));
}

/** Makes `last` and what it needs and is missing, with a display of what is going on. Resolves with its folder. */
export async function make(last: Step): Promise<string> {
  const steps = inOrder(last);
  const missing = steps.filter(({ output }) => !existsSync(output));
  if (missing.length === 0) return last.output;
  const minutes = Math.ceil(missing.reduce((sum, { seconds }) => sum + seconds, 0) / 60);
  console.log(
    `Making ${last === release ? 'the machine' : last.name}: ${missing.length} of ${steps.length} steps, about ${minutes} min on two cores.`,
  );
  const options = {
    fallbackRenderer: 'simple',
    rendererOptions: { timer: PRESET_TIMER },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  } as const;
  await new Listr([checkHost], options).run();
  await new Listr(inParallel(missing), { ...options, concurrent: STEPS_AT_ONCE }).run();
  return last.output;
}

if (process.argv[1] && import.meta.filename === process.argv[1]) {
  const { values } = parseArgs({ options: { again: { type: 'string' } } });
  if (values.again) {
    const steps = inOrder(release);
    const chosen = steps.find(({ name }) => name === values.again);
    if (!chosen)
      throw new Error(
        `There is no step "${values.again}". Steps: ${steps.map(({ name }) => name).join(', ')}`,
      );
    chosen.forget();
  }
  console.log(await buildImage());
}
