import { expect, test } from 'vitest';
import { describeFault, readConditions, readFaults } from './fault.ts';

test('each line is a fault; empty ones and comments are none', () => {
  const { items, problems } = readFaults(`
cut-power node2
# the cable of the other
cable node3 delay=500 loss=0.05 rate=1000000
  plug   node1 # at last
cable node3 sound`);
  expect(problems).toEqual([]);
  expect(items).toEqual([
    { fault: 'cut-power', node: 'node2' },
    { fault: 'cable', node: 'node3', delay: 500, loss: 0.05, rate: 1_000_000 },
    { fault: 'plug', node: 'node1' },
    { fault: 'cable', node: 'node3', delay: 0, loss: 0, rate: 0 },
  ]);
  expect(items.map(describeFault)).toEqual([
    'Pull the plug of node2',
    'Slow down the network cable of node3: 500 ms late, 5 % lost, 1000 kbit/s',
    'Plug in the network cable of node1',
    'Put a sound network cable into node3',
  ]);
});

test.each([
  ['explode node1', '“explode node1”: unknown fault “explode”: expected one of cut-power, power-on, pause,'],
  ['pause', '“pause”: expected a node after pause, node1 to node5'],
  ['pause node6', 'expected a node after pause'],
  ['pause node1 node2', 'expected nothing after pause node1'],
  ['cable node1', 'expected delay=, loss= or rate=, or sound'],
  ['cable node1 loss=5', 'loss: Too big'],
  ['cable node1 dely=5', 'unknown “dely”: expected delay=, loss= or rate=, or sound'],
  ['cable node1 delay', 'expected NAME=NUMBER in the place of delay'],
  ['cable node1 delay=', 'expected NAME=NUMBER in the place of delay='],
])('no fault: %s', (line, message) => {
  const { items, problems } = readFaults(`pause node1\n${line}`);
  expect(items).toHaveLength(1);
  expect(problems).toEqual([{ line: 1, message: expect.stringContaining(message) as string }]);
});

test('conditions say how a machine is', () => {
  expect(readConditions('node2 is off\nnode3 is unplugged')).toEqual({
    items: [
      { node: 'node2', state: 'off' },
      { node: 'node3', state: 'unplugged' },
    ],
    problems: [],
  });
});

test.each([
  ['node2 off', '“node2 off”: expected NODE is STATE, as in node2 is off'],
  ['it is off', 'expected a node first'],
  [
    'node2 is dead',
    'unknown state “dead”: expected one of running, off, paused, plugged, unplugged, slow, sound',
  ],
])('no condition: %s', (line, message) => {
  expect(readConditions(line).problems).toEqual([
    { line: 0, message: expect.stringContaining(message) as string },
  ]);
});
