import { expect, test } from 'vitest';
import { Tasks, type TaskProgress } from './tasks.ts';

/** Ends only when it is aborted. */
const endless = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('the work stopped'));
    });
  });

const ignore = (): void => undefined;

test('a cancelled task rejects as aborted, and no other is touched', async () => {
  const tasks = new Tasks();
  const one = tasks.run(1, ignore, endless);
  const other = tasks.run(2, ignore, endless);
  tasks.cancel(1);
  await expect(one).rejects.toMatchObject({ name: 'AbortError' });
  tasks.cancel(1);
  tasks.cancel(2);
  await expect(other).rejects.toMatchObject({ name: 'AbortError' });
});

test('what fails by itself says why, and ends the rest of its work', async () => {
  let rest: AbortSignal | undefined;
  const failing = new Tasks().run(1, ignore, (signal) => {
    rest = signal;
    return Promise.reject(new Error('no room'));
  });
  await expect(failing).rejects.toThrow('no room');
  expect(rest?.aborted).toBe(true);
});

test('the end is always told, the way to it no oftener than a bar is drawn', async () => {
  const told: TaskProgress[] = [];
  await new Tasks().run(
    1,
    (progress) => told.push(progress),
    (_, tell) => {
      for (let loadedBytes = 1; loadedBytes <= 10_000; loadedBytes++)
        tell({ loadedBytes, totalBytes: 10_000 });
      return Promise.resolve();
    },
  );
  expect(told.at(-1)).toEqual({ loadedBytes: 10_000, totalBytes: 10_000 });
  expect(told.length).toBeLessThan(1000);
});
