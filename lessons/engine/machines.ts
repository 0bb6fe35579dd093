/** The machines of a lesson as its engine reaches them: those of the app, or those on which a lesson is proved. */
import type { CableQuality } from '../../worker/net/cable.ts';
import type { NodeName } from '../../worker/net/lan.ts';
import type { ExecOptions, ExecResult } from '../../worker/protocol.ts';

/** Runs a bash script on a node as root. Rejects when the node cannot, for example while it is paused. */
export type Exec = (script: string, options: ExecOptions, node: NodeName) => Promise<ExecResult>;

/** Where a machine is, as far as a lesson can tell. */
export type Power = 'running' | 'paused' | 'off' | 'starting' | 'waiting-for-disk' | 'failed' | 'missing';

/** A machine seen from outside. */
export interface Sight {
  power: Power;
  cable: CableQuality;
}

/** Machines that can be looked at and asked. */
export interface AskedMachines {
  exec: Exec;
  look: (node: NodeName) => Promise<Sight>;
}

/** Machines to which things can be done from outside; each resolves when it is done. */
export interface LessonMachines extends AskedMachines {
  cutPower: (node: NodeName) => Promise<void>;
  powerOn: (node: NodeName) => Promise<void>;
  pause: (node: NodeName) => Promise<void>;
  resume: (node: NodeName) => Promise<void>;
  setCable: (node: NodeName, quality: CableQuality) => Promise<void>;
}

/** A machine is not in a state in which it can do what is asked of it. */
export class MachineUnavailable extends Error {
  override readonly name = 'MachineUnavailable';
}

/** Says that `node` is `power`. */
export function describePower(node: NodeName, power: Power): string {
  switch (power) {
    case 'missing':
      return `There is no ${node}`;
    case 'waiting-for-disk':
      return `${node} waits for its disk`;
    case 'failed':
      return `${node} has failed`;
    default:
      return `${node} is ${power}`;
  }
}

/** @throws MachineUnavailable when `node` does not run */
export async function expectRunning(machines: AskedMachines, node: NodeName): Promise<void> {
  const { power } = await machines.look(node);
  if (power === 'running') return;
  const advice = { off: ': power it on first', paused: ': resume it first' };
  throw new MachineUnavailable(
    `${describePower(node, power)}${power === 'off' || power === 'paused' ? advice[power] : ''}.`,
  );
}
