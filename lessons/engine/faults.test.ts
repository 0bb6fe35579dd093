import { expect, test } from 'vitest';
import type { CableQuality } from '../../worker/net/cable.ts';
import type { Fault } from '../format/fault.ts';
import { faultProblem, holds, inflict, isSo } from './faults.ts';
import type { LessonMachines, Power, Sight } from './machines.ts';

const SOUND: CableQuality = { end: 'plugged', delay: 0, loss: 0, rate: 0 };
const sight = (power: Power, cable: Partial<CableQuality> = {}): Sight => ({
  power,
  cable: { ...SOUND, ...cable },
});

/** What is done to a machine that looks like `seen` by a fault. */
async function done(fault: Fault, seen: Sight): Promise<string[]> {
  const log: string[] = [];
  const note = (text: string) => (): Promise<void> => {
    log.push(text);
    return Promise.resolve();
  };
  const machines: LessonMachines = {
    exec: () => Promise.reject(new Error('no script is run')),
    look: () => Promise.resolve(seen),
    cutPower: note('cutPower'),
    powerOn: note('powerOn'),
    pause: note('pause'),
    resume: note('resume'),
    setCable: (_node, cable) => note(JSON.stringify(cable))(),
  };
  await inflict(machines, fault);
  return log;
}

const plain = (fault: Exclude<Fault['fault'], 'cable'>): Fault => ({ fault, node: 'node2' });

test('a fault is done, unless it is so already', async () => {
  expect(await done(plain('cut-power'), sight('paused'))).toEqual(['cutPower']);
  expect(await done(plain('cut-power'), sight('off'))).toEqual([]);
  expect(await done(plain('power-on'), sight('off'))).toEqual(['powerOn']);
  expect(await done(plain('power-on'), sight('running'))).toEqual([]);
  expect(await done(plain('resume'), sight('paused'))).toEqual(['resume']);
  expect(await done(plain('plug'), sight('off', { end: 'unplugged', delay: 3 }))).toEqual([
    JSON.stringify({ end: 'plugged', delay: 3, loss: 0, rate: 0 }),
  ]);
  expect(await done(plain('plug'), sight('running'))).toEqual([]);
});

test('a slow cable stays in or out as it is', async () => {
  const fault: Fault = { fault: 'cable', node: 'node2', delay: 100, loss: 0, rate: 0 };
  expect(await done(fault, sight('running', { end: 'unplugged' }))).toEqual([
    JSON.stringify({ end: 'unplugged', delay: 100, loss: 0, rate: 0 }),
  ]);
  expect(isSo(fault, sight('running', { delay: 100 }))).toBe(true);
});

test('what cannot be done is said', async () => {
  expect(faultProblem(plain('pause'), sight('off'))).toBe('node2 is off, and cannot be paused');
  expect(faultProblem(plain('unplug'), sight('missing'))).toBe('There is no node2');
  expect(faultProblem(plain('unplug'), sight('off'))).toBeUndefined();
  await expect(done(plain('cut-power'), sight('starting'))).rejects.toThrow(
    'node2 is starting, and cannot be switched off.',
  );
});

test.each([
  ['running', sight('running'), true],
  ['running', sight('paused'), false],
  ['off', sight('off'), true],
  ['paused', sight('paused'), true],
  ['plugged', sight('off'), true],
  ['unplugged', sight('running', { end: 'unplugged' }), true],
  ['slow', sight('running', { loss: 0.1 }), true],
  ['slow', sight('running', { loss: 0.1, end: 'unplugged' }), false],
  ['slow', sight('running'), false],
  ['sound', sight('running'), true],
  ['sound', sight('running', { rate: 1000 }), false],
  ['plugged', sight('missing'), false],
] as const)('%s: %j is %s', (state, seen, expected) => {
  expect(holds({ node: 'node2', state }, seen)).toBe(expected);
});
