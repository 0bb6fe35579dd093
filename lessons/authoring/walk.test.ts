import { expect, test } from 'vitest';
import type { MachineEvent } from '../../worker/protocol.ts';
import type { Power } from '../engine/machines.ts';
import type { Block, Lesson } from '../format/lesson.ts';
import { walkLesson, type WalkMachines } from './walk.ts';

/** A terminal whose shell ends each line with the code that `codes` has for it, each answer a turn later than the one before. */
function shell(codes: Readonly<Record<string, number>>): WalkMachines {
  const listeners = new Set<(event: MachineEvent) => void>();
  let last = 0;
  let power: Power = 'running';
  let answers = Promise.resolve();
  const print = (text: string): void => {
    answers = answers.then(async () => {
      await new Promise((resolve) => setTimeout(resolve));
      const bytes = new TextEncoder().encode(text);
      for (const listener of listeners) listener({ type: 'output', console: 0, bytes });
    });
  };
  const become = (next: Power): Promise<void> => {
    power = next;
    return Promise.resolve();
  };
  return {
    exec: () => Promise.reject(new Error('no value is asked for')),
    look: () => Promise.resolve({ power, cable: { end: 'plugged', delay: 0, loss: 0, rate: 0 } }),
    cutPower: () => become('off'),
    powerOn: () => become('running'),
    pause: () => become('paused'),
    resume: () => become('running'),
    setCable: () => Promise.resolve(),
    send(_node, _console, bytes) {
      for (const line of new TextDecoder().decode(bytes).split('\r').slice(0, -1)) {
        if (line.includes('PROMPT_COMMAND')) last = 0;
        else if (line.includes('7778')) {
          print('\x1b]7778\x07');
          last = 0;
        } else last = codes[line] ?? 0;
        print(`\x1b]7777;${last}\x07$ `);
      }
      return Promise.resolve();
    },
    subscribe(_node, listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

async function walk(codes: Record<string, number>, ...blocks: Partial<Block>[]): Promise<string[]> {
  const commands = blocks.map((block) => ({ kind: 'run', mode: 'run', ...block }));
  const lesson = { steps: [{ title: 'S', blocks: commands }], values: [] } as unknown as Lesson;
  const never = new Promise<void>(() => undefined);
  const findings = await walkLesson(shell(codes), lesson, (milliseconds) =>
    milliseconds > 10_000 ? never : new Promise((resolve) => setTimeout(resolve, 20)),
  );
  return findings.map(({ command, message }) => `${command}: ${message.split('\n')[0] ?? ''}`);
}

test('each command is judged by its own exit code, also after one of several lines', async () => {
  const lines = { command: 'one\ntwo' };
  expect(await walk({ wrong: 3 }, lines, { command: 'right' }, { command: 'wrong' }, lines)).toEqual([
    'one\ntwo: ',
    'right: ',
    'wrong: exit code 3',
    'one\ntwo: ',
  ]);
});

test('each of several lines must go well', async () => {
  expect(await walk({ two: 4 }, { command: 'one\ntwo' })).toEqual(['one\ntwo: exit code 4']);
  expect(await walk({ one: 5 }, { command: 'one\ntwo' })).toEqual(['one\ntwo: exit code 5']);
});

test('what is meant to fail must fail, and what keeps the terminal must keep it', async () => {
  const commands: Partial<Block>[] = [
    { command: 'wrong', outcome: 'fails' },
    { command: 'right', outcome: 'fails' },
    { command: 'right', outcome: 'stays' },
  ];
  expect(await walk({ wrong: 1 }, ...commands)).toEqual([
    'wrong: ',
    'right: it succeeded, and was meant to fail',
    'right: it ended, and should have kept the terminal',
  ]);
});

test('faults are done on the way, and a command for a machine that is off is found out', async () => {
  const fault = (word: 'cut-power' | 'power-on'): Partial<Block> => ({
    kind: 'fault',
    label: word,
    faults: [{ fault: word, node: 'node1' }],
  });
  const commands = [{ command: 'one' }, fault('cut-power'), { command: 'two' }, fault('power-on')];
  expect(await walk({}, ...commands, { command: 'three' })).toEqual([
    'one: ',
    'cut-power: ',
    'two: node1 is off: power it on first.',
    'power-on: ',
    'three: ',
  ]);
});
