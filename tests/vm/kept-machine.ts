/** Machines of a session for tests of what is kept of them; all that run are ended after the tests of a file. */
import { afterAll, expect, inject } from 'vitest';
import { createSession, machineOf } from '../../worker/keep/create.ts';
import { Keeper, type MomentFacts } from '../../worker/keep/keeper.ts';
import type { SessionStore } from '../../worker/keep/store.ts';
import { FolderSource } from '../../worker/node/folder-source.ts';
import { Machine } from '../../worker/vm/machine.ts';
import { parseManifest } from '../../worker/vm/release.ts';

const source = new FolderSource(inject('release'));
const place = { title: 'Playground' };
const running = new Set<Machine>();

afterAll(async () => {
  for (const machine of running) await machine.destroy();
});

/** A session of `nodes` machines of the release. */
export async function newSession(store: SessionStore, nodes: number): Promise<Keeper> {
  const manifest = parseManifest(new TextDecoder().decode(await source.read('manifest.json')));
  const machine = machineOf(manifest, 'standard');
  return new Keeper(store, await createSession(store, { name: 'Test', place, machine, machineId: 1, nodes }));
}

/** Starts a machine of a session where that has it. */
export async function start(keeper: Pick<Keeper, 'node'>, node = 0): Promise<Machine> {
  const machine = new Machine({ source, keeping: keeper.node(node) });
  running.add(machine);
  await machine.load();
  return machine;
}

/** Runs a script that must succeed; what it printed. */
export async function sh(machine: Machine, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await machine.exec(script, { timeout: 120 });
  expect(exitCode, stderr).toBe(0);
  return stdout.trim();
}

/** Saves all machines of a session as they are at one moment. */
export async function keep(
  keeper: Keeper,
  machines: readonly Machine[],
  kind: MomentFacts['kind'],
  label = '',
): Promise<void> {
  const begun = performance.now();
  await Promise.all(machines.map((machine) => machine.hold()));
  await Promise.all(machines.map((machine) => machine.capture()));
  const pause = performance.now() - begun;
  await keeper.keep({ kind, label, place, pause, screens: machines.map(() => ['a screen']) });
  for (const machine of machines) machine.saved(kind);
}

export async function end(machine: Machine): Promise<void> {
  running.delete(machine);
  await machine.destroy();
}
