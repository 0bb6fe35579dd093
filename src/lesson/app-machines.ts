/** The machines of this tab as lessons reach them. */
import type { LessonMachines, Power, Sight } from '../../lessons/engine/machines.ts';
import { SOUND_CABLE } from '../../worker/net/cable.ts';
import type { NodeName } from '../../worker/net/lan.ts';
import type { Phase } from '../machine/node-state.ts';
import type { MachineNode } from '../machine/node.svelte.ts';
import { session } from '../machine/session.svelte.ts';

const POWER: Record<Phase, Power> = {
  idle: 'starting',
  loading: 'starting',
  running: 'running',
  paused: 'paused',
  'waiting-for-disk': 'waiting-for-disk',
  off: 'off',
  unsupported: 'failed',
  failed: 'failed',
};

/** How a node looks from outside now; what reads it follows its changes. */
export function sightOf(name: NodeName): Sight {
  const node = session.find(name);
  return node ? { power: POWER[node.phase], cable: node.cable } : { power: 'missing', cable: SOUND_CABLE };
}

/** Does `action` to a node. */
const toNode =
  <T extends unknown[]>(action: (node: MachineNode, ...rest: T) => Promise<void>) =>
  (name: NodeName, ...rest: T): Promise<void> => {
    const node = session.find(name);
    return node ? action(node, ...rest) : Promise.reject(new Error(`There is no ${name}.`));
  };

export const appMachines: LessonMachines = {
  exec: (script, options, node) => session.exec(script, options, node),
  look: (node) => Promise.resolve(sightOf(node)),
  cutPower: toNode((node) => node.cutPower()),
  powerOn: toNode((node) => node.powerOn()),
  pause: toNode((node) => node.pause()),
  resume: toNode((node) => node.resume()),
  setCable: toNode((node, quality) => node.setCable(quality)),
};
