import { expect, test } from 'vitest';
import { layoutOf, type Box, type Placed } from './layout.ts';
import type { ContainerView, MachineView, Picture } from './picture.ts';

const container = (name: string, networks: string[], volumes: string[] = []): ContainerView => ({
  id: name,
  name,
  image: 'nginx',
  imageId: 'i',
  command: '',
  state: 'running',
  health: undefined,
  exitCode: undefined,
  restarts: 0,
  ports: [],
  attachments: networks.map((network) => ({ network, name: network, address: '', state: 'attached' })),
  mounts: volumes.map((volume) => ({ volume, source: '', destination: '/data', readOnly: false })),
  service: undefined,
  project: undefined,
});

function machine(
  name: MachineView['name'],
  containers: ContainerView[],
  volumes: string[] = [],
): MachineView {
  const networks = ['bridge', 'host', 'none', 'front', 'back'];
  return {
    name,
    containers,
    networks: networks.map((network) => ({
      id: network,
      name: network,
      driver: 'bridge',
      scope: 'local',
      subnet: '',
      isInternal: false,
      containers: [],
    })),
    volumes: volumes.map((volume) => ({
      name: volume,
      driver: 'local',
      isAnonymous: false,
      containers: [],
    })),
    images: [],
    membership: undefined,
  };
}

/** Five machines with eight containers each. */
const FULL: Picture = {
  services: [],
  machines: (['node1', 'node2', 'node3', 'node4', 'node5'] as const).map((name) =>
    machine(
      name,
      Array.from({ length: 8 }, (_, i) =>
        container(
          `c${i}`,
          i % 3 === 0 ? ['front', 'back'] : i % 3 === 1 ? ['front'] : [],
          i % 2 ? ['db'] : [],
        ),
      ),
      ['db', 'unused'],
    ),
  ),
};

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const pairs = <T>(all: T[]): [T, T][] => all.flatMap((a, i) => all.slice(i + 1).map((b): [T, T] => [a, b]));

test('nothing lies on anything else, and every card lies in its machine', () => {
  const { machines } = layoutOf(FULL, 0.8);
  expect(machines).toHaveLength(5);
  for (const [a, b] of pairs(machines)) expect(overlap(a.box, b.box)).toBe(false);
  for (const { box, cards } of machines) {
    for (const [a, b] of pairs(cards)) expect(overlap(a.box, b.box)).toBe(false);
    for (const card of cards) {
      expect(card.box.x).toBeGreaterThan(0);
      expect(card.box.x + card.box.width).toBeLessThan(box.width);
      expect(card.box.y + card.box.height).toBeLessThan(box.height);
    }
  }
});

test('networks are left of containers, and those left of volumes, whether or not there are wires', () => {
  const [first] = layoutOf(FULL, 1).machines;
  const columns = (kind: string): number[] =>
    (first?.cards ?? []).filter(({ subject }) => subject.kind === kind).map(({ box }) => box.x);
  expect(Math.max(...columns('network')) + 150).toBeLessThan(Math.min(...columns('container')));
  expect(Math.max(...columns('container')) + 200).toBeLessThan(Math.min(...columns('volume')));
});

test('networks that every machine has are shown where something is at them', () => {
  const networksOf = (view: MachineView): string[] =>
    (layoutOf({ services: [], machines: [view] }, 1).machines[0]?.cards ?? [])
      .filter(({ subject }) => subject.kind === 'network')
      .map(({ subject }: Placed) => subject.id);
  expect(networksOf(machine('node1', []))).toEqual(['bridge', 'front', 'back']);
  expect(networksOf(machine('node1', [container('a', ['host'])]))).toEqual([
    'bridge',
    'host',
    'front',
    'back',
  ]);
});

test('a container has a wire to each of its networks and volumes', () => {
  const { wires } = layoutOf(
    { services: [], machines: [machine('node1', [container('a', ['front', 'gone'], ['db', 'db'])], ['db'])] },
    1,
  );
  expect(wires.map(({ from, to, kind }) => `${from.id} ${kind} ${to.id}`)).toEqual([
    'front attached a',
    'a mount db',
  ]);
});

test('machines stand side by side in a wide pane, and one above the other in a narrow one', () => {
  const rows = (aspect: number): number =>
    new Set(layoutOf(FULL, aspect).machines.map(({ box }) => box.y)).size;
  expect(rows(10)).toBe(1);
  expect(rows(0.1)).toBe(5);
});

test('services stand above the machines', () => {
  const services = Array.from({ length: 9 }, (_, i) => ({
    id: `s${i}`,
    name: `s${i}`,
    manager: 'node1' as const,
    image: '',
    mode: 'global' as const,
    desired: 1,
    running: 1,
    ports: [],
    tasks: [],
  }));
  const placement = layoutOf({ ...FULL, services }, 1);
  const lowest = Math.max(...placement.services.map(({ box }) => box.y + box.height));
  expect(Math.min(...placement.machines.map(({ box }) => box.y))).toBeGreaterThan(lowest);
  for (const [a, b] of pairs(placement.services)) expect(overlap(a.box, b.box)).toBe(false);
});
