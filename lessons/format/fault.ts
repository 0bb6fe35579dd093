/**
 * What can be done to machines from outside, and how they are found there, in lines of a small language. Buttons of the
 * text, solutions, situations and wrong answers have faults; checks have conditions:
 *
 *   cut-power node2
 *   cable node3 delay=500 loss=0.05 rate=1000000
 *
 *   node2 is off
 */
import { z } from 'zod';
import type { CableQuality } from '../../worker/net/cable.ts';
import type { NodeName } from '../../worker/net/lan.ts';
import { nodeNames } from './node.ts';

/** Faults that have nothing but a node, and what each does. */
export const plainFaults = {
  'cut-power': 'pulls the plug: the machine is off at once, its disk as it was at that moment',
  'power-on': 'boots a machine that is off from its disk, and is done when it runs',
  pause: 'has the machine stand still',
  resume: 'lets a paused machine go on',
  unplug: 'pulls the network cable',
  plug: 'puts the network cable back in',
} as const;
export type PlainFault = keyof typeof plainFaults;

/** What can be wrong with a cable that is plugged in. */
export const cableSchema = z.strictObject({
  delay: z.coerce
    .number()
    .min(0)
    .max(10_000)
    .default(0)
    .describe('milliseconds that everything takes longer, each way'),
  loss: z.coerce.number().min(0).max(1).default(0).describe('share of the frames that get lost, 0 to 1'),
  rate: z.coerce
    .number()
    .int()
    .min(1000)
    .optional()
    .describe('bits a second, each way; without it, no limit'),
});

/** How a machine can be found, and what each word means. */
export const machineStates = {
  running: 'it is on, and not paused',
  off: 'its plug was pulled, or it was shut down',
  paused: 'it stands still',
  plugged: 'its network cable is in',
  unplugged: 'its network cable is out',
  slow: 'its network cable is in, with a delay, losses or a limit',
  sound: 'its network cable is in, with nothing wrong',
} as const;
export type MachineState = keyof typeof machineStates;

export type Fault =
  { fault: PlainFault; node: NodeName } | ({ fault: 'cable'; node: NodeName } & Omit<CableQuality, 'end'>);

/** What must be so of a machine. */
export interface Condition {
  node: NodeName;
  state: MachineState;
}

/** What is wrong with a line, which counts from 0. */
export interface LineProblem {
  line: number;
  message: string;
}

export interface Lines<T> {
  items: T[];
  problems: LineProblem[];
}

export function readFaults(text: string): Lines<Fault> {
  return readLines(text, readFault);
}

export function readConditions(text: string): Lines<Condition> {
  return readLines(text, readCondition);
}

/** A fault in words, as on its button. */
export function describeFault(fault: Fault): string {
  const { node } = fault;
  switch (fault.fault) {
    case 'cut-power':
      return `Pull the plug of ${node}`;
    case 'power-on':
      return `Power on ${node}`;
    case 'pause':
      return `Pause ${node}`;
    case 'resume':
      return `Resume ${node}`;
    case 'unplug':
      return `Unplug the network cable of ${node}`;
    case 'plug':
      return `Plug in the network cable of ${node}`;
    case 'cable': {
      const { delay, loss, rate } = fault;
      const faults = [
        ...(delay > 0 ? [`${delay} ms late`] : []),
        ...(loss > 0 ? [`${Number((loss * 100).toPrecision(3))} % lost`] : []),
        ...(rate > 0 ? [`${rate / 1000} kbit/s`] : []),
      ];
      return faults.length > 0
        ? `Slow down the network cable of ${node}: ${faults.join(', ')}`
        : `Put a sound network cable into ${node}`;
    }
  }
}

/** Reads each line that is not empty and no `#` comment. `read` throws what is wrong with it. */
function readLines<T>(text: string, read: (words: string[]) => T): Lines<T> {
  const items: T[] = [];
  const problems: LineProblem[] = [];
  for (const [line, content] of text.split('\n').entries()) {
    const words = content.replace(/#.*/, '').split(/\s+/).filter(Boolean);
    if (words.length === 0) continue;
    try {
      items.push(read(words));
    } catch (error) {
      problems.push({ line, message: `“${content.trim()}”: ${(error as Error).message}` });
    }
  }
  return { items, problems };
}

function readFault([word = '', name, ...rest]: string[]): Fault {
  const node = readNode(name, `after ${word}`);
  if (word === 'cable') return { fault: word, node, ...readCable(rest) };
  if (!isKey(plainFaults, word))
    throw new Error(
      `unknown fault “${word}”: expected one of ${[...Object.keys(plainFaults), 'cable'].join(', ')}`,
    );
  if (rest.length > 0) throw new Error(`expected nothing after ${word} ${node}`);
  return { fault: word, node };
}

/** `delay=500 loss=0.05 rate=1000000`, some of them, or `sound`. */
function readCable(words: string[]): Omit<CableQuality, 'end'> {
  if (words.length === 0) throw new Error('expected delay=, loss= or rate=, or sound');
  const settings = words.length === 1 && words[0] === 'sound' ? [] : words;
  const given = settings.map((word) => {
    const [, name, number] = /^(\w+)=([\d.]+)$/.exec(word) ?? [];
    if (name === undefined) throw new Error(`expected NAME=NUMBER in the place of ${word}`);
    return [name, number];
  });
  const result = cableSchema.safeParse(Object.fromEntries(given));
  if (result.success) return { ...result.data, rate: result.data.rate ?? 0 };
  throw new Error(
    result.error.issues
      .map((issue) =>
        issue.code === 'unrecognized_keys'
          ? `unknown ${issue.keys.map((key) => `“${key}”`).join(', ')}: expected delay=, loss= or rate=, or sound`
          : `${issue.path.join('.')}: ${issue.message}`,
      )
      .join('; '),
  );
}

function readCondition([name, is, state = '', ...rest]: string[]): Condition {
  const node = readNode(name, 'first');
  if (is !== 'is' || rest.length > 0) throw new Error('expected NODE is STATE, as in node2 is off');
  if (!isKey(machineStates, state))
    throw new Error(`unknown state “${state}”: expected one of ${Object.keys(machineStates).join(', ')}`);
  return { node, state };
}

function readNode(word: string | undefined, place: string): NodeName {
  const node = nodeNames.find((name) => name === word);
  if (!node) throw new Error(`expected a node ${place}, ${nodeNames[0]} to ${nodeNames.at(-1) ?? ''}`);
  return node;
}

function isKey<T extends object>(words: T, word: string): word is keyof T & string {
  return Object.hasOwn(words, word);
}
