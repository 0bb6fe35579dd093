import { expect, test } from 'vitest';
import type { Block } from '../../lessons/format/lesson.ts';
import type { TickerCommand } from './protocol.ts';
import { commandState, stepCommands } from './step-commands.ts';

const run = (command: string): Block => ({ kind: 'run', command, mode: 'run' });

const step = {
  blocks: [
    { kind: 'html', html: '<p>x</p>' },
    run('docker ps'),
    { kind: 'aside', title: 'More', blocks: [run('docker info')] },
    {
      kind: 'tabs',
      tabs: [
        { label: 'A', blocks: [run('a')] },
        { label: 'B', blocks: [{ kind: 'html', html: '' }, run('b')] },
      ],
    },
  ] satisfies Block[],
};

test('commands have the places by which progress names them', () => {
  expect(stepCommands(step, 2)).toEqual([
    { place: '2:1', text: 'docker ps' },
    { place: '2:2:0', text: 'docker info' },
    { place: '2:3.0:0', text: 'a' },
    { place: '2:3.1:1', text: 'b' },
  ]);
});

test('a command is to do, used by a click, or as the terminal tells', () => {
  const command = { place: '0:1', text: 'docker ps' };
  const typed = (outcome: TickerCommand['outcome'], exitCode?: number): TickerCommand => ({
    id: 1,
    terminal: { id: 'node1/0', name: 'node1' },
    text: 'docker ps',
    outcome,
    ...(exitCode !== undefined && { exitCode }),
  });
  expect(commandState(command, [], []).word).toBe('To do');
  expect(commandState(command, ['0:1'], []).word).toBe('Used');
  expect(commandState(command, ['0:1'], [typed('done', 0), typed('failed', 1)]).word).toBe('Failed, code 1');
});
