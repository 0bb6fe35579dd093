/** Machines of a session for tests of what is kept of them; all that run are ended after the tests of a file. */
import { afterAll, expect, inject } from 'vitest';
import { createSession, machineOf } from '../../worker/keep/create.ts';
import { Keeper, type MomentFacts } from '../../worker/keep/keeper.ts';
import { mapNodes, nodesOf, type Nodes } from '../../worker/keep/record.ts';
import type { SessionStore } from '../../worker/keep/store.ts';
import type { NodeName } from '../../worker/net/lan.ts';
import type { Lan } from '../../worker/net/switch.ts';
import { FolderSource } from '../../worker/node/folder-source.ts';
import type { ProfileName } from '../../worker/protocol.ts';
import { Machine } from '../../worker/vm/machine.ts';
import { parseManifest } from '../../worker/vm/release.ts';

/** Deadline of a script in seconds: several machines may share a thread. */
const TIMEOUT = 240;

const source = new FolderSource(inject('release'));
const place = { title: 'Playground' };
const running = new Set<Machine>();

afterAll(async () => {
  for (const machine of running) await machine.destroy();
});

/** A session of machines of the release; one, if it is not told of more. */
export async function newSession(
  store: SessionStore,
  nodes: Nodes<ProfileName> = { node1: 'standard' },
): Promise<Keeper> {
  const machine = machineOf(parseManifest(new TextDecoder().decode(await source.read('manifest.json'))));
  return new Keeper(store, await createSession(store, { name: 'Test', place, machine, machineId: 1, nodes }));
}

/** Starts a machine of a session where that has it. */
export async function start(
  keeper: Pick<Keeper, 'node'>,
  node: NodeName = 'node1',
  { profile = 'standard', lan }: { profile?: ProfileName; lan?: Lan } = {},
): Promise<Machine> {
  const machine = new Machine({ source, profile, node, lan, keeping: keeper.node(node) });
  running.add(machine);
  await machine.load();
  return machine;
}

/** Runs a script that must succeed; what it printed. */
export async function sh(machine: Machine, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await machine.exec(script, { timeout: TIMEOUT });
  expect(exitCode, stderr).toBe(0);
  return stdout.trim();
}

/** Saves all machines of a session as they are at one moment. @returns how long they stood still, in milliseconds */
export async function keep(
  keeper: Keeper,
  machines: Nodes<Machine>,
  kind: MomentFacts['kind'],
  label = '',
): Promise<number> {
  const all = nodesOf(machines).map(([, machine]) => machine);
  await Promise.all(all.filter(({ state }) => state === 'off').map((machine) => machine.commit()));
  const on = all.filter(({ state }) => state !== 'off');
  const begun = performance.now();
  await Promise.all(on.map((machine) => machine.hold()));
  await Promise.all(on.map((machine) => machine.capture()));
  const pause = performance.now() - begun;
  const nodes = mapNodes(machines, ({ state }) =>
    state === 'off' ? { state } : { state: 'running' as const, screens: ['a screen'] },
  );
  await keeper.keep({ kind, label, place, pause, nodes });
  for (const machine of all) machine.saved(kind);
  return pause;
}

export async function end(machine: Machine): Promise<void> {
  running.delete(machine);
  await machine.destroy();
}
