/**
 * A step of the image pipeline: a name, what it depends on, and a function that fills a folder. Its hash
 * covers its own source file, the files it names and the hashes of the steps it needs, so a change
 * anywhere rebuilds exactly what follows from it.
 */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ensureFolder, hashInputs, outputFolder } from './cache.ts';

export interface StepDefinition<Needs extends Record<string, Step>> {
  /** Folder name in the cache, and what `npm run image -- --again NAME` takes. */
  name: string;
  /** What the user reads while it runs. */
  title: string;
  /** Seconds that it takes on two cores from nothing, for the estimate. */
  seconds: number;
  /** `import.meta.url` of the module that defines it. */
  source: string;
  /** Files and folders whose content matters. */
  files?: string[];
  /** Settings that matter. */
  settings?: string[];
  needs: Needs;
  /** Fills `output`. `report` shows one line of progress. */
  run(context: {
    output: string;
    needs: Record<keyof Needs, string>;
    report: (line: string) => void;
  }): Promise<void>;
}

export interface Step {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
  readonly needs: readonly Step[];
  readonly hash: string;
  /** Where the output is when `build` has resolved. */
  readonly output: string;
  build(report: (line: string) => void): Promise<void>;
  /** Removes the output, so that the next `build` makes it again. */
  forget(): void;
}

export function step<Needs extends Record<string, Step>>(definition: StepDefinition<Needs>): Step {
  const { name, title, seconds, source, files = [], settings = [], needs } = definition;
  const steps = Object.values(needs);
  const hash = hashInputs(
    [name, ...settings, ...steps.map((need) => need.hash)],
    [fileURLToPath(source), ...files],
  );
  const output = outputFolder(name, hash);
  let building: Promise<void> | undefined;
  return {
    name,
    title,
    seconds,
    needs: steps,
    hash,
    output,
    // Whoever asks for what is being made already waits for that.
    build: (report) =>
      (building ??= ensureFolder(output, (temporary) => {
        const outputs = Object.fromEntries(Object.entries(needs).map(([key, need]) => [key, need.output]));
        return definition.run({ output: temporary, needs: outputs as Record<keyof Needs, string>, report });
      }).finally(() => {
        building = undefined;
      })),
    forget: () => {
      rmSync(output, { recursive: true, force: true });
    },
  };
}

/** `last` and everything it needs, each once, in an order in which they can be built. */
export function inOrder(last: Step): Step[] {
  const order: Step[] = [];
  const visit = (next: Step): void => {
    next.needs.forEach(visit);
    if (!order.includes(next)) order.push(next);
  };
  visit(last);
  return order;
}

/** Names a file of the module at `source`, for `StepDefinition.files`. */
export function beside(source: string, path: string): string {
  return fileURLToPath(new URL(path, source));
}
