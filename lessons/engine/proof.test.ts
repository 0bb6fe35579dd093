import { expect, test } from 'vitest';
import type { ExecResult } from '../../worker/protocol.ts';
import type { Lesson, Task } from '../format/lesson.ts';
import { proveTask, type ProofMachine, type TaskProof } from './proof.ts';

type Answer = Partial<ExecResult>;

/** A machine whose state is the list of scripts it has run since it was fresh; `check` judges that state. */
class ScriptedMachine implements ProofMachine {
  readonly log: string[] = [];
  readonly #check: (done: string, look: number) => Answer;
  #done: string[] = [];
  #looks = 0;

  constructor(check: (done: string, look: number) => Answer) {
    this.#check = check;
  }

  readonly fresh = (): Promise<void> => {
    this.#done = [];
    this.#looks = 0;
    this.log.push('fresh');
    return Promise.resolve();
  };

  readonly checkpoint = (): Promise<() => Promise<void>> => {
    const done = [...this.#done];
    this.log.push('checkpoint');
    return Promise.resolve(() => {
      this.#done = [...done];
      this.#looks = 0;
      this.log.push('return');
      return Promise.resolve();
    });
  };

  readonly exec = (script: string): Promise<ExecResult> => {
    const answer =
      script === 'check' ? this.#check(this.#done.join(' '), ++this.#looks) : { exitCode: 0, stdout: '' };
    if (script !== 'check') this.#done.push(script);
    this.log.push(script);
    return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', timedOut: false, ...answer });
  };

  readonly wait = (): Promise<void> => {
    this.log.push('wait');
    return Promise.resolve();
  };
}

const no: Answer = { exitCode: 1, stdout: 'not yet' };

const task = (id: string): Task => ({
  id,
  title: id,
  needs: [],
  optional: false,
  check: 'check',
  hints: [],
  solution: `solve-${id}`,
  mutations: [{ name: 'half done', script: `spoil-${id}` }],
});

function lessonOf(...tasks: Task[]): Lesson {
  const step = { id: 's', title: 'S', blocks: tasks.map((one) => ({ kind: 'task' as const, task: one })) };
  const texts = { id: 'l', title: 'L', summary: 'L', author: 'N', licence: 'MIT' };
  const parts = { version: 1, track: 'T', prerequisites: [], values: [], pictures: [] };
  return { ...texts, ...parts, minutes: 1, images: [], steps: [step] };
}

function prove(machine: ProofMachine, ...before: Task[]): Promise<TaskProof> {
  const last = task('it');
  return proveTask(machine, lessonOf(...before, last), last);
}

const faults = (proof: TaskProof): string[] =>
  proof.findings.filter(({ ok }) => !ok).map(({ situation, message }) => `${situation}: ${message}`);

test('a check that tells right from wrong is proved, on the machine that a reader has by then', async () => {
  const machine = new ScriptedMachine((done) => (done.endsWith('solve-it') ? {} : no));
  const proof = await prove(machine, task('before'));
  expect(proof).toMatchObject({ task: 'it', proved: true });
  expect(proof.findings.map(({ situation }) => situation)).toEqual([
    'fresh machine',
    'only what comes before is done',
    'wrong answer: half done',
    'wrong answer, 4 s later: half done',
    'solved',
    'asked again',
  ]);
  expect(machine.log.join(' ')).toBe(
    'fresh check fresh solve-before checkpoint check return spoil-it check wait check return solve-it check check',
  );
});

test('a check that cannot fail is found out', async () => {
  const proof = await prove(new ScriptedMachine(() => ({})));
  expect(proof.proved).toBe(false);
  expect(faults(proof)[0]).toBe('fresh machine: the check passed');
});

test('a check that takes a wrong answer is found out', async () => {
  const proof = await prove(new ScriptedMachine((done) => (done === '' ? no : {})));
  expect(faults(proof)).toEqual([
    'wrong answer: half done: the check passed',
    'wrong answer, 4 s later: half done: the check passed',
  ]);
});

test('a check that a wrong answer passes only later is found out', async () => {
  const check = (done: string, look: number): Answer => (done === 'solve-it' || look > 1 ? {} : no);
  expect(faults(await prove(new ScriptedMachine(check)))).toEqual([
    'wrong answer, 4 s later: half done: the check passed',
  ]);
});

test('a check that refuses the solution is found out', async () => {
  const proof = await prove(new ScriptedMachine(() => no));
  expect(faults(proof)).toEqual(['solved: not yet', 'asked again: not yet']);
});

test('a solution may take some time to show', async () => {
  const check = (done: string, look: number): Answer => (done === 'solve-it' && look > 3 ? {} : no);
  expect((await prove(new ScriptedMachine(check))).proved).toBe(true);
});

test('a check that passes only once is found out', async () => {
  const check = (done: string, look: number): Answer => (done === 'solve-it' && look === 1 ? {} : no);
  expect(faults(await prove(new ScriptedMachine(check)))).toEqual(['asked again: not yet']);
});

test.each<[string, Answer, string]>([
  ['has a command that does not exist', { exitCode: 127 }, 'the check broke with exit code 127'],
  ['says nothing', { exitCode: 1 }, 'the check does not say what is missing'],
  [
    'hangs',
    { exitCode: 124, timedOut: true },
    'The check had no answer after 20 seconds. It is tried again.',
  ],
])('a check that fails because it %s is found out', async (_name, answer, message) => {
  const proof = await prove(new ScriptedMachine((done) => (done === 'solve-it' ? {} : answer)));
  expect(faults(proof)[0]).toBe(`fresh machine: ${message}`);
});

test('a solution that fails is found out', async () => {
  const machine = new ScriptedMachine((done) => (done === 'solve-it' ? {} : no));
  const exec = async (script: string): Promise<ExecResult> => {
    const result = await machine.exec(script);
    return script === 'solve-it' ? { ...result, exitCode: 125, stderr: 'no such image\n' } : result;
  };
  const proof = await prove({
    exec,
    fresh: machine.fresh,
    checkpoint: machine.checkpoint,
    wait: machine.wait,
  });
  expect(faults(proof)).toEqual(['solution of it: exit code 125: no such image']);
});
