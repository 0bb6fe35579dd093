import { expect, test } from 'vitest';
import { addCommand, endCommand } from './command-log.ts';
import { describeOutcome } from './outcome.ts';
import { COMMAND_COUNT, COMMAND_LENGTH, type TickerCommand } from './protocol.ts';

const shell = (text: string) => ({ text, to: 'shell' }) as const;

const node1 = { id: 'node1/0', name: 'node1' };

const node2 = { id: 'node2/0', name: 'node2' };

const none: readonly TickerCommand[] = [];

const outcomes = (commands: readonly TickerCommand[]): string[] =>
  commands.map(({ text, outcome, exitCode }) => `${text}: ${describeOutcome(outcome, exitCode)}`);

test('a command runs until its terminal says how it ended', () => {
  let commands = addCommand(none, node1, shell('docker ps'));
  commands = addCommand(commands, node2, shell('sleep 9'));
  expect(outcomes(commands)).toEqual(['docker ps: Runs', 'sleep 9: Runs']);
  commands = endCommand(commands, node1.id, 1);
  commands = endCommand(commands, node2.id, 130);
  expect(outcomes(commands)).toEqual(['docker ps: Failed, code 1', 'sleep 9: Stopped']);
});

test('what is typed to a program has no end of its own', () => {
  let commands = addCommand(none, node1, shell('docker exec -it first sh'));
  commands = addCommand(commands, node1, { text: 'ls', to: 'program' });
  commands = endCommand(commands, node1.id, 0);
  expect(outcomes(commands)).toEqual(['docker exec -it first sh: Done', 'ls: Typed']);
});

test('a reset cuts a command off', () => {
  const commands = endCommand(addCommand(none, node1, shell('sleep 9')), node1.id, undefined);
  expect(outcomes(commands)).toEqual(['sleep 9: Cut off']);
});

test('an end without a command changes nothing', () => {
  expect(endCommand(none, node1.id, 0)).toBe(none);
});

test('the list and its commands have an end', () => {
  let commands = none;
  for (let i = 0; i < COMMAND_COUNT + 5; i++)
    commands = addCommand(commands, node1, shell('x'.repeat(COMMAND_LENGTH + 1)));
  expect(commands).toHaveLength(COMMAND_COUNT);
  expect(commands.at(-1)?.id).toBe(COMMAND_COUNT + 4);
  expect(commands.at(-1)?.text).toHaveLength(COMMAND_LENGTH);
});
