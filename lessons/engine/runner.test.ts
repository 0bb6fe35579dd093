import { expect, test } from 'vitest';
import type { ExecResult } from '../../worker/protocol.ts';
import type { Pause } from './clock.ts';
import { MachineUnavailable, type AskedMachines, type Power } from './machines.ts';
import type { Task } from '../format/lesson.ts';
import { TaskRunner, type RunnerLinks } from './runner.ts';

const task = (id: string): Task => ({
  id,
  title: id,
  needs: [],
  optional: false,
  init: [],
  check: [{ kind: 'script', node: 'node1', script: `check ${id}` }],
  hints: [],
  solution: [],
  mutations: [],
});
const [a, b] = [task('a'), task('b')];

const says = (message: string): ExecResult => ({ exitCode: 1, stdout: message, stderr: '', timedOut: false });
const yes: ExecResult = { exitCode: 0, stdout: '', stderr: '', timedOut: false };

/** Lets everything run that waits for nothing but its turn. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Call {
  resolve: (result: ExecResult) => void;
  reject: (error: Error) => void;
}

/** A runner whose machine and clock do only what the test says. */
class Bench {
  /** Scripts asked, in order. */
  readonly asked: string[] = [];
  /** Lengths of the pauses made, in order. */
  readonly pauses: number[] = [];
  readonly runner: TaskRunner;
  /** Of every machine. */
  power: Power = 'running';
  #calls: Call[] = [];
  #wake: (() => void)[] = [];

  constructor(tasks: Task[], links: Partial<RunnerLinks> = {}) {
    const machines: AskedMachines = {
      exec: (script) => {
        this.asked.push(script);
        return new Promise((resolve, reject) => this.#calls.push({ resolve, reject }));
      },
      look: () =>
        Promise.resolve({ power: this.power, cable: { end: 'plugged', delay: 0, loss: 0, rate: 0 } }),
    };
    const pause: Pause = (milliseconds, signal) =>
      new Promise((resolve) => {
        this.pauses.push(milliseconds);
        this.#wake.push(resolve);
        signal?.addEventListener('abort', () => {
          resolve();
        });
      });
    this.runner = new TaskRunner(tasks, { machines, wait: pause, ...links });
  }

  /** Number of scripts on the machine. */
  get running(): number {
    return this.#calls.length;
  }

  async answer(result: ExecResult | Error): Promise<void> {
    const call = this.#calls.shift();
    if (result instanceof Error) call?.reject(result);
    else call?.resolve(result);
    await settle();
  }

  async passPause(): Promise<void> {
    for (const wake of this.#wake.splice(0)) wake();
    await settle();
  }

  /** State and message of a task. */
  status(id: string): string {
    const { state, message } = this.runner.statuses.get(id) ?? { state: '?', message: '' };
    return `${state} ${message}`.trim();
  }
}

async function started(tasks: Task[], links?: Partial<RunnerLinks>): Promise<Bench> {
  const bench = new Bench(tasks, links);
  bench.runner.start(tasks);
  await settle();
  return bench;
}

test('asks the open tasks one after the other and shows the first line of the answer', async () => {
  const bench = await started([a, b]);
  expect(bench.asked).toEqual(['check a']);
  expect([bench.status('a'), bench.status('b')]).toEqual(['checking', 'waiting']);
  await bench.answer(says('No container.\nMore.'));
  expect(bench.status('a')).toBe('failing No container.');
  expect(bench.asked).toEqual(['check a', 'check b']);
  await bench.answer(yes);
  expect(bench.status('b')).toBe('passed');
  expect(bench.running).toBe(0);
});

test('a task that has passed is not asked again, and the last one ends the watch', async () => {
  const bench = await started([a, b]);
  await bench.answer(yes);
  await bench.answer(says('no'));
  await bench.passPause();
  expect(bench.asked).toEqual(['check a', 'check b', 'check b']);
  await bench.answer(yes);
  expect(bench.pauses).toEqual([1500]);
  expect([bench.running, bench.status('a'), bench.status('b')]).toEqual([0, 'passed', 'passed']);
});

test('the pause grows while nothing changes, and starts over when the message does', async () => {
  const bench = await started([a]);
  for (let round = 0; round < 9; round++) {
    await bench.answer(says('no'));
    await bench.passPause();
  }
  expect(bench.pauses).toEqual([1500, 2250, 3375, 5062.5, 7593.75, 11390.625, 17085.9375, 20_000, 20_000]);
  expect(bench.status('a')).toBe('checking no');
  await bench.answer(says('nearly'));
  expect(bench.pauses.at(-1)).toBe(1500);
});

test('a nudge cuts the pause short and starts over', async () => {
  const bench = await started([a]);
  for (let round = 0; round < 2; round++) {
    await bench.answer(says('no'));
    await bench.passPause();
  }
  await bench.answer(says('no'));
  bench.runner.nudge();
  await settle();
  expect(bench.pauses).toEqual([1500, 2250, 3375, 500]);
  bench.runner.nudge();
  await settle();
  expect([bench.pauses.length, bench.running]).toEqual([4, 0]);
  await bench.passPause();
  expect(bench.running).toBe(1);
  await bench.answer(says('no'));
  expect(bench.pauses.at(-1)).toBe(2250);
});

test('a nudge during a check makes the next pause short', async () => {
  const bench = await started([a]);
  bench.runner.nudge();
  await bench.answer(says('no'));
  expect(bench.pauses).toEqual([500]);
  await bench.passPause();
  await bench.answer(says('no'));
  expect(bench.pauses).toEqual([500, 2250]);
});

test('an error of the machine leaves the task as it was, and it is tried again', async () => {
  const bench = await started([a]);
  await bench.answer(says('no'));
  await bench.passPause();
  await bench.answer(new Error('the machine is paused'));
  expect(bench.status('a')).toBe('failing no');
  await bench.passPause();
  await bench.answer(yes);
  expect(bench.status('a')).toBe('passed');
});

test('a check that misses its deadline fails and says so', async () => {
  const bench = await started([a]);
  await bench.answer({ ...yes, exitCode: 124, timedOut: true });
  expect(bench.status('a')).toBe('failing The check had no answer after 20 seconds. It is tried again.');
});

test('a flood of output becomes one short message', async () => {
  const bench = await started([a]);
  await bench.answer(says('x'.repeat(1_000_000)));
  expect(bench.runner.statuses.get('a')?.message).toHaveLength(300);
});

test('stop puts a task back that was being asked, and does not hear its answer', async () => {
  const bench = await started([a]);
  bench.runner.stop();
  expect(bench.status('a')).toBe('waiting');
  await bench.answer(yes);
  expect([bench.status('a'), bench.running, bench.pauses]).toEqual(['waiting', 0, []]);
});

test('stop ends a pause', async () => {
  const bench = await started([a]);
  await bench.answer(says('no'));
  bench.runner.stop();
  await settle();
  expect([bench.status('a'), bench.running]).toEqual(['failing no', 0]);
});

test('another step waits until the machine is done with the check of the one before', async () => {
  const bench = await started([a, b]);
  bench.runner.start([b]);
  await settle();
  expect(bench.asked).toEqual(['check a']);
  await bench.answer(yes);
  expect(bench.asked).toEqual(['check a', 'check b']);
  expect([bench.status('a'), bench.status('b')]).toEqual(['waiting', 'checking']);
});

test('reset forgets what passed and a check that will never answer', async () => {
  const bench = await started([a, b]);
  await bench.answer(yes);
  bench.runner.reset();
  expect([bench.status('a'), bench.status('b')]).toEqual(['waiting', 'waiting']);
  bench.runner.start([a]);
  await settle();
  expect(bench.asked).toEqual(['check a', 'check b', 'check a']);
});

test('a subscriber hears the present state and every change, until it has enough', async () => {
  const bench = new Bench([a]);
  const heard: string[] = [];
  const unsubscribe = bench.runner.subscribe((statuses) => heard.push(statuses.get('a')?.state ?? '?'));
  bench.runner.start([a]);
  await settle();
  await bench.answer(says('no'));
  unsubscribe();
  bench.runner.reset();
  expect(heard).toEqual(['waiting', 'checking', 'failing']);
});

test('a task that waits for another is not asked before that has passed', async () => {
  const bench: Bench = await started([a, b], {
    isOpen: ({ id }) => id === 'a' || bench.status('a') === 'passed',
  });
  await bench.answer(says('no'));
  expect(bench.asked).toEqual(['check a']);
  await bench.passPause();
  await bench.answer(yes);
  expect(bench.asked).toEqual(['check a', 'check a', 'check b']);
});

test('tasks that are all closed cost the machine nothing', async () => {
  const bench = await started([a, b], { isOpen: () => false });
  for (let i = 0; i < 5; i++) await bench.passPause();
  expect(bench.asked).toEqual([]);
});

test('a task is asked when its situation is made, and later when that fails', async () => {
  const makes = [Promise.reject(new Error('paused')), Promise.resolve()];
  const bench = await started([a], { prepare: () => makes.shift() ?? Promise.resolve() });
  expect([bench.asked, bench.status('a')]).toEqual([[], 'waiting']);
  await bench.passPause();
  expect(bench.asked).toEqual(['check a']);
});

test('a check that would have to look into a machine that is off says so', async () => {
  const bench = new Bench([a]);
  bench.power = 'off';
  bench.runner.start([a]);
  await settle();
  expect(bench.asked).toEqual([]);
  expect(bench.status('a')).toBe('failing node1 is off: power it on first.');
});

test('a situation that waits for a machine says for which', async () => {
  const bench = await started([a], {
    prepare: () => Promise.reject(new MachineUnavailable('There is no node2.')),
  });
  expect(bench.status('a')).toBe('failing There is no node2.');
});
