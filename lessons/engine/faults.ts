/** Does faults to machines, and looks whether conditions hold. What is so already need not be done. */
import type { CableQuality } from '../../worker/net/cable.ts';
import type { Condition, Fault } from '../format/fault.ts';
import {
  describePower,
  MachineUnavailable,
  type LessonMachines,
  type Power,
  type Sight,
} from './machines.ts';

/** When a fault of the power can be done, when it is so already, and what to say of a machine otherwise. */
const POWER_FAULTS = {
  'cut-power': { from: ['running', 'paused', 'waiting-for-disk'], done: ['off'], cannot: 'switched off' },
  'power-on': { from: ['off'], done: ['running', 'paused', 'waiting-for-disk'], cannot: 'switched on' },
  pause: { from: ['running'], done: ['paused'], cannot: 'paused' },
  resume: { from: ['paused'], done: ['running'], cannot: 'resumed' },
} as const satisfies Record<string, { from: Power[]; done: Power[]; cannot: string }>;

/** Does `fault`, unless it is so already. @throws MachineUnavailable when it cannot be done */
export async function inflict(machines: LessonMachines, fault: Fault): Promise<void> {
  const { node } = fault;
  const sight = await machines.look(node);
  const problem = faultProblem(fault, sight);
  if (problem !== undefined) throw new MachineUnavailable(`${problem}.`);
  if (isSo(fault, sight)) return;
  switch (fault.fault) {
    case 'cut-power':
      return machines.cutPower(node);
    case 'power-on':
      return machines.powerOn(node);
    case 'pause':
      return machines.pause(node);
    case 'resume':
      return machines.resume(node);
    case 'unplug':
    case 'plug':
    case 'cable':
      return machines.setCable(node, { ...sight.cable, ...cableOf(fault) });
  }
}

/** Why `fault` cannot be done to a machine that looks like `sight`; undefined when it can. */
export function faultProblem({ fault, node }: Fault, { power }: Sight): string | undefined {
  if (power === 'missing') return describePower(node, power);
  if (!isPowerFault(fault)) return undefined;
  const { from, done, cannot } = POWER_FAULTS[fault];
  const possible: readonly Power[] = [...from, ...done];
  return possible.includes(power) ? undefined : `${describePower(node, power)}, and cannot be ${cannot}`;
}

/** Whether nothing has to be done for `fault`. */
export function isSo(fault: Fault, { power, cable }: Sight): boolean {
  if (!isPowerFault(fault.fault)) return isSameCable({ ...cable, ...cableOf(fault) }, cable);
  const done: readonly Power[] = POWER_FAULTS[fault.fault].done;
  return done.includes(power);
}

/** Whether a machine that looks like `sight` is as `condition` wants it. */
export function holds({ state }: Condition, { power, cable }: Sight): boolean {
  if (power === 'missing') return false;
  switch (state) {
    case 'running':
    case 'off':
    case 'paused':
      return power === state;
    case 'plugged':
    case 'unplugged':
      return cable.end === state;
    case 'slow':
    case 'sound':
      return cable.end === 'plugged' && isSlow(cable) === (state === 'slow');
  }
}

/** How a machine is, in the words that a condition on `state` would have had. */
export function describeCondition({ node, state }: Condition, { power, cable }: Sight): string {
  if (power === 'missing' || state === 'running' || state === 'off' || state === 'paused')
    return describePower(node, power);
  if (cable.end === 'unplugged') return `the cable of ${node} is unplugged`;
  return `the cable of ${node} is plugged in${isSlow(cable) ? ', and slow' : ''}`;
}

/** Whether nothing is wrong with a cable. */
export function isSound(cable: CableQuality): boolean {
  return cable.end === 'plugged' && !isSlow(cable);
}

function isPowerFault(fault: string): fault is keyof typeof POWER_FAULTS {
  return Object.hasOwn(POWER_FAULTS, fault);
}

/** What a fault changes about a cable. */
function cableOf(fault: Fault): Partial<CableQuality> {
  if (fault.fault === 'plug') return { end: 'plugged' };
  if (fault.fault === 'unplug') return { end: 'unplugged' };
  if (fault.fault !== 'cable') return {};
  const { delay, loss, rate } = fault;
  return { delay, loss, rate };
}

function isSlow({ delay, loss, rate }: CableQuality): boolean {
  return delay > 0 || loss > 0 || rate > 0;
}

function isSameCable(a: CableQuality, b: CableQuality): boolean {
  return a.end === b.end && a.delay === b.delay && a.loss === b.loss && a.rate === b.rate;
}
