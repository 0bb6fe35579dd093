import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Step, StepDefinition } from './step.ts';

const root = mkdtempSync(join(tmpdir(), 'drydock-step-'));
vi.stubEnv('DRYDOCK_CACHE', join(root, 'cache'));
const { beside, inOrder, step } = await import('./step.ts');

const sourceFile = join(root, 'source.ts');
const inputFile = join(root, 'input.txt');
const report = () => undefined;

beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
  writeFileSync(sourceFile, '// the module');
  writeFileSync(inputFile, 'input');
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

function createStep<Needs extends Record<string, Step> = Record<string, never>>(
  changes: Partial<StepDefinition<Needs>> = {},
): Step {
  return step({
    name: 'bake',
    title: 'Baking',
    seconds: 1,
    source: pathToFileURL(sourceFile).href,
    files: [inputFile],
    settings: ['180'],
    needs: {} as Needs,
    run: ({ output }) => {
      writeFileSync(join(output, 'bread'), 'fresh');
      return Promise.resolve();
    },
    ...changes,
  });
}

describe("a step's hash", () => {
  it('is the same for the same step, and names its output', () => {
    const first = createStep();
    expect(createStep().hash).toBe(first.hash);
    expect(first.output).toBe(join(root, 'cache/bake', first.hash));
  });

  it('does not change with what is only shown', () => {
    expect(createStep({ title: 'Baking bread', seconds: 99 }).hash).toBe(createStep().hash);
  });

  it.each<[string, () => Step]>([
    ['its name', () => createStep({ name: 'roast' })],
    ['a setting', () => createStep({ settings: ['200'] })],
    ['a file', () => (writeFileSync(inputFile, 'other'), createStep())],
    ['which files it names', () => createStep({ files: [] })],
    ['its own source', () => (writeFileSync(sourceFile, '// changed'), createStep())],
    ['a step that it needs', () => createStep({ needs: { dough: createStep({ name: 'dough' }) } })],
  ])('changes with %s', (_, change) => {
    const { hash } = createStep();
    expect(change().hash).not.toBe(hash);
  });

  it('changes with everything that comes before, however far', () => {
    const last = (setting: string) => {
      const flour = createStep({ name: 'flour', settings: [setting] });
      const dough = createStep({ name: 'dough', needs: { flour } });
      return createStep({ needs: { dough } }).hash;
    };
    expect(last('wheat')).toBe(last('wheat'));
    expect(last('wheat')).not.toBe(last('rye'));
  });
});

describe('building', () => {
  it('happens once', async () => {
    const run = vi.fn(() => Promise.resolve());
    await createStep({ run }).build(report);
    await createStep({ run }).build(report);
    expect(run).toHaveBeenCalledOnce();
  });

  it('happens once for two who ask at the same time', async () => {
    const run = vi.fn(() => Promise.resolve());
    const once = createStep({ run });
    await Promise.all([once.build(report), once.build(report)]);
    expect(run).toHaveBeenCalledOnce();
  });

  it('gives the step a folder to fill, what it needs, and a way to report', async () => {
    const dough = createStep({ name: 'dough' });
    await dough.build(report);
    const lines: string[] = [];
    const bread = createStep({
      needs: { dough },
      run: (context) => {
        expect(context.needs).toEqual({ dough: dough.output });
        context.report('in the oven');
        writeFileSync(join(context.output, 'loaf'), readFileSync(join(context.needs.dough, 'bread')));
        return Promise.resolve();
      },
    });
    await bread.build((line) => lines.push(line));
    expect(readFileSync(join(bread.output, 'loaf'), 'utf8')).toBe('fresh');
    expect(lines).toEqual(['in the oven']);
  });

  it('leaves no output when it fails, and runs again next time', async () => {
    const run = vi.fn<() => Promise<void>>(() => Promise.resolve());
    run.mockRejectedValueOnce(new Error('burnt'));
    const burning = createStep({ run });
    await expect(burning.build(report)).rejects.toThrow('burnt');
    expect(existsSync(burning.output)).toBe(false);
    await burning.build(report);
    expect(existsSync(burning.output)).toBe(true);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('happens again after the output was forgotten', async () => {
    const run = vi.fn(() => Promise.resolve());
    const forgotten = createStep({ run });
    forgotten.forget();
    await forgotten.build(report);
    forgotten.forget();
    expect(existsSync(forgotten.output)).toBe(false);
    await forgotten.build(report);
    expect(run).toHaveBeenCalledTimes(2);
  });
});

it('puts steps in an order in which they can be built, each once', () => {
  const flour = createStep({ name: 'flour' });
  const dough = createStep({ name: 'dough', needs: { flour } });
  const oven = createStep({ name: 'oven' });
  const bread = createStep({ name: 'bread', needs: { oven, dough, flour } });
  const order = inOrder(bread).map(({ name }) => name);
  expect(order).toEqual(['oven', 'flour', 'dough', 'bread']);
});

it('finds files beside a module', () => {
  expect(beside('file:///drydock/images/engine.ts', '../worker/a.ts')).toBe('/drydock/worker/a.ts');
});
