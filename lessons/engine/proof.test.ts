import { expect, test } from 'vitest';
import type { NodeName } from '../../worker/net/lan.ts';
import type { ExecOptions, ExecResult } from '../../worker/protocol.ts';
import type { Lesson, Task } from '../format/lesson.ts';
import type { Fault } from '../format/fault.ts';
import type { Script } from '../format/lesson.ts';
import type { Exec, Power, Sight } from './machines.ts';
import { proveTask, type ProofMachines, type TaskProof } from './proof.ts';

type Answer = Partial<ExecResult>;

/** Machines whose state is the list of scripts run since they were fresh; `check` judges that state. */
class ScriptedMachine implements ProofMachines {
  readonly log: string[] = [];
  readonly #check: (done: string, look: number) => Answer;
  #done: string[] = [];
  #looks = 0;
  #power: Partial<Record<NodeName, Power>> = {};

  constructor(check: (done: string, look: number) => Answer) {
    this.#check = check;
  }

  readonly fresh = (): Promise<void> => {
    this.#done = [];
    this.#looks = 0;
    this.#power = {};
    this.log.push('fresh');
    return Promise.resolve();
  };

  readonly checkpoint = (): Promise<() => Promise<void>> => {
    const done = [...this.#done];
    const power = { ...this.#power };
    this.log.push('checkpoint');
    return Promise.resolve(() => {
      this.#done = [...done];
      this.#power = { ...power };
      this.#looks = 0;
      this.log.push('return');
      return Promise.resolve();
    });
  };

  readonly exec = (script: string, _options: ExecOptions, node: NodeName): Promise<ExecResult> => {
    const answer =
      script === 'check' ? this.#check(this.#done.join(' '), ++this.#looks) : { exitCode: 0, stdout: '' };
    if (script !== 'check') this.#done.push(script);
    this.log.push(node === 'node1' ? script : `${node}:${script}`);
    return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', timedOut: false, ...answer });
  };

  readonly look = (node: NodeName): Promise<Sight> =>
    Promise.resolve({
      power: this.#power[node] ?? 'running',
      cable: { end: 'plugged', delay: 0, loss: 0, rate: 0 },
    });

  readonly cutPower = (node: NodeName): Promise<void> => this.#become(node, 'off');
  readonly powerOn = (node: NodeName): Promise<void> => this.#become(node, 'running');
  readonly pause = (node: NodeName): Promise<void> => this.#become(node, 'paused');
  readonly resume = (node: NodeName): Promise<void> => this.#become(node, 'running');
  readonly setCable = (): Promise<void> => Promise.reject(new Error('no cable is changed'));

  #become(node: NodeName, power: Power): Promise<void> {
    this.#power[node] = power;
    this.log.push(`${node}:${power}`);
    return Promise.resolve();
  }

  readonly wait = (): Promise<void> => {
    this.log.push('wait');
    return Promise.resolve();
  };
}

const no: Answer = { exitCode: 1, stdout: 'not yet' };

const on = (node: NodeName, script: string): Script => ({ kind: 'script', node, script });

const task = (id: string): Task => ({
  id,
  title: id,
  needs: [],
  optional: false,
  init: [],
  check: [on('node1', 'check')],
  hints: [],
  solution: [on('node1', `solve-${id}`)],
  mutations: [{ name: 'half done', actions: [on('node1', `spoil-${id}`)] }],
});

function lessonOf(...tasks: Task[]): Lesson {
  const step = { id: 's', title: 'S', blocks: tasks.map((one) => ({ kind: 'task' as const, task: one })) };
  const texts = { id: 'l', title: 'L', summary: 'L', author: 'N', licence: 'MIT' };
  const parts = { version: 1, track: 'T', prerequisites: [], values: [], pictures: [] };
  const machines = { nodes: 2, memory: 'standard' as const };
  return { ...texts, ...parts, ...machines, minutes: 1, images: [], steps: [step] };
}

function prove(machine: ProofMachines, ...before: Task[]): Promise<TaskProof> {
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
  const { exec } = machine;
  const failing: Exec = async (script, options, node) => {
    const result = await exec(script, options, node);
    return script === 'solve-it' ? { ...result, exitCode: 125, stderr: 'no such image\n' } : result;
  };
  const proof = await prove(Object.assign(machine, { exec: failing }));
  expect(faults(proof)).toEqual(['solution of it: exit code 125: no such image']);
});

const cut: Fault = { fault: 'cut-power', node: 'node2' };
const power: Task = {
  ...task('it'),
  check: [{ kind: 'conditions', conditions: [{ node: 'node2', state: 'off' }] }, on('node1', 'check')],
  solution: [on('node1', 'solve-it'), { kind: 'faults', faults: [cut] }],
  mutations: [
    { name: 'not cut', actions: [on('node1', 'solve-it')] },
    { name: 'another', actions: [on('node2', 'solve-it'), { kind: 'faults', faults: [cut] }] },
  ],
};

test('a task of several nodes is proved with its faults, in order', async () => {
  const machine = new ScriptedMachine((done) => (done === 'solve-it' ? {} : no));
  const proof = await proveTask(machine, lessonOf(task('before'), power), power);
  const messages = proof.findings.map(({ situation, message }) => `${situation}: ${message}`);
  expect(messages.slice(0, 3)).toEqual([
    'fresh machine: node2 should be off, but node2 is running.',
    'only what comes before is done: node2 should be off, but node2 is running.',
    'wrong answer: not cut: node2 should be off, but node2 is running.',
  ]);
  expect(messages).toContain('wrong answer: another: not yet');
  expect(machine.log.join(' ')).toContain('return node2:solve-it node2:off check wait check');
});

test('a condition that always holds is found out', async () => {
  const always: Task = {
    ...power,
    check: [{ kind: 'conditions', conditions: [{ node: 'node1', state: 'running' }] }],
  };
  const machine = new ScriptedMachine(() => ({}));
  expect(faults(await proveTask(machine, lessonOf(always), always))[0]).toBe(
    'fresh machine: the check passed',
  );
});

test('a solution that needs a node which is off is found out', async () => {
  const blind: Task = {
    ...power,
    solution: [{ kind: 'faults', faults: [cut] }, on('node2', 'solve-it')],
  };
  const machine = new ScriptedMachine((done) => (done === 'solve-it' ? {} : no));
  expect(faults(await proveTask(machine, lessonOf(blind), blind))).toContain(
    'solution of it: node2 is off: power it on first.',
  );
});
