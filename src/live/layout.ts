/**
 * Where everything stands in the graph. Each machine is a box, in it networks at the left, containers in the middle and
 * volumes at the right, laid out by dagre with as few crossings as it finds; the boxes stand in as many columns as make
 * all of them largest in the pane. Services stand above, since their tasks are on any machine.
 */
import { graphlib, layout as dagre } from '@dagrejs/dagre';
import type { MachineView, NetworkView, Picture } from './picture.ts';
import { subjectKey, type Subject } from './subject.ts';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A card, relative to the box that it stands in. */
export interface Placed {
  subject: Subject;
  box: Box;
}

export interface PlacedMachine extends Placed {
  cards: Placed[];
}

/** What is between two cards. */
export interface Wire {
  from: Subject;
  to: Subject;
  kind: 'attached' | 'configured' | 'mount';
}

export interface Placement {
  services: Placed[];
  machines: PlacedMachine[];
  wires: Wire[];
}

/** Sizes of cards in the graph, in its own pixels. */
export const SIZES = {
  container: { width: 200, height: 54 },
  network: { width: 150, height: 46 },
  volume: { width: 150, height: 34 },
  service: { width: 220, height: 62 },
} as const;

const MARGIN = 16;
const HEADER = 34;
const GAP = 14;
const BETWEEN_RANKS = 70;

/** Room between machines, and of one that has nothing. */
const BETWEEN_BOXES = 28;
const EMPTY = { width: 320, height: 110 };

/** Networks that every machine has, which are shown where something is at them. */
const SYSTEM_NETWORKS = new Set(['none', 'host', 'docker_gwbridge', 'ingress']);

/** Stands at the right of everything: how far they are from it keeps the cards in the column of their kind. */
const END = 'end';

const DISTANCES = { network: 3, container: 2, volume: 1 } as const;

/** Lays a picture out for a pane that is `aspect` times as wide as high. */
export function layoutOf(picture: Picture, aspect: number): Placement {
  const drawn = picture.machines.map(drawMachine);
  const columns = bestColumns(
    drawn.map(({ machine }) => machine.box),
    aspect,
  );
  const widest = Math.max(...rowsOf(drawn, columns).map(widthOf), EMPTY.width);
  const services = placeServices(picture, widest);
  let y =
    services.length > 0 ? Math.max(...services.map(({ box }) => box.y + box.height)) + BETWEEN_BOXES : 0;
  for (const row of rowsOf(drawn, columns)) {
    let x = 0;
    for (const { machine } of row) {
      machine.box = { ...machine.box, x, y };
      x += machine.box.width + BETWEEN_BOXES;
    }
    y += Math.max(...row.map(({ machine }) => machine.box.height)) + BETWEEN_BOXES;
  }
  return {
    services,
    machines: drawn.map(({ machine }) => machine),
    wires: drawn.flatMap(({ wires }) => wires),
  };
}

/** The networks of a machine that are worth a card. */
export function shownNetworks({ networks, containers }: MachineView): NetworkView[] {
  const used = new Set(containers.flatMap(({ attachments }) => attachments.map(({ name }) => name)));
  return networks.filter(({ name }) => !SYSTEM_NETWORKS.has(name) || used.has(name));
}

interface DrawnMachine {
  machine: PlacedMachine;
  wires: Wire[];
}

function drawMachine(view: MachineView): DrawnMachine {
  const node = view.name;
  const wires = wiresOf(view);
  const subjects: Subject[] = [
    ...shownNetworks(view).map(({ id }): Subject => ({ kind: 'network', node, id })),
    ...view.containers.map(({ id }): Subject => ({ kind: 'container', node, id })),
    ...view.volumes.map(({ name }): Subject => ({ kind: 'volume', node, id: name })),
  ];
  const subject: Subject = { kind: 'machine', node, id: node };
  if (subjects.length === 0) return { machine: { subject, box: { x: 0, y: 0, ...EMPTY }, cards: [] }, wires };

  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: GAP, edgesep: 0, ranksep: BETWEEN_RANKS, ranker: 'longest-path' });
  graph.setDefaultEdgeLabel(() => ({}));
  graph.setNode(END, { width: 0, height: 0 });
  for (const each of subjects) {
    const kind = each.kind as keyof typeof DISTANCES;
    graph.setNode(subjectKey(each), { ...SIZES[kind] });
    graph.setEdge(subjectKey(each), END, { minlen: DISTANCES[kind], weight: 0 });
  }
  for (const { from, to } of wires) graph.setEdge(subjectKey(from), subjectKey(to), { weight: 2 });
  dagre(graph);

  const boxes = subjects.map((each) => {
    const { x, y, width, height } = graph.node(subjectKey(each)) as Box;
    return { x: x - width / 2, y: y - height / 2, width, height };
  });
  const left = Math.min(...boxes.map(({ x }) => x));
  const top = Math.min(...boxes.map(({ y }) => y));
  const cards = subjects.map((each, i): Placed => {
    const { x, y, width, height } = boxes[i] as Box;
    return { subject: each, box: { x: x - left + MARGIN, y: y - top + MARGIN + HEADER, width, height } };
  });
  const box = {
    x: 0,
    y: 0,
    width: Math.max(EMPTY.width, ...cards.map((card) => card.box.x + card.box.width + MARGIN)),
    height: Math.max(EMPTY.height, ...cards.map((card) => card.box.y + card.box.height + MARGIN)),
  };
  return { machine: { subject, box, cards }, wires };
}

function wiresOf(view: MachineView): Wire[] {
  const node = view.name;
  const networks = new Set(shownNetworks(view).map(({ id }) => id));
  const names = new Map(view.networks.map(({ id, name }) => [name, id]));
  const volumes = new Set(view.volumes.map(({ name }) => name));
  return view.containers.flatMap(({ id, attachments, mounts }) => {
    const container: Subject = { kind: 'container', node, id };
    return [
      ...attachments.flatMap(({ network, name, state }): Wire[] => {
        // One that was never started knows its network by name only.
        const known = networks.has(network) ? network : names.get(name);
        return known === undefined || !networks.has(known)
          ? []
          : [{ from: { kind: 'network', node, id: known }, to: container, kind: state }];
      }),
      ...[...new Set(mounts.map(({ volume }) => volume))].flatMap((volume): Wire[] =>
        volume === undefined || !volumes.has(volume)
          ? []
          : [{ from: container, to: { kind: 'volume', node, id: volume }, kind: 'mount' }],
      ),
    ];
  });
}

function placeServices({ services }: Picture, width: number): Placed[] {
  const { width: wide, height } = SIZES.service;
  const perRow = Math.max(1, Math.floor((width + GAP) / (wide + GAP)));
  return services.map(({ id, manager }, i) => ({
    subject: { kind: 'service', node: manager, id },
    box: {
      x: (i % perRow) * (wide + GAP),
      y: Math.floor(i / perRow) * (height + GAP),
      width: wide,
      height,
    },
  }));
}

/** How many columns make the boxes largest in a pane of that aspect. */
function bestColumns(boxes: readonly Box[], aspect: number): number {
  const scale = (columns: number): number => {
    const rows = chunks(boxes, columns);
    const width = Math.max(...rows.map((row) => sum(row.map((box) => box.width + BETWEEN_BOXES))));
    const height = sum(rows.map((row) => Math.max(...row.map((box) => box.height)) + BETWEEN_BOXES));
    return Math.min(aspect / width, 1 / height);
  };
  const choices = boxes.map((_, i) => i + 1);
  return choices.reduce((best, columns) => (scale(columns) > scale(best) ? columns : best), 1);
}

const rowsOf = (drawn: readonly DrawnMachine[], columns: number): DrawnMachine[][] => chunks(drawn, columns);

const widthOf = (row: readonly DrawnMachine[]): number =>
  sum(row.map(({ machine }) => machine.box.width + BETWEEN_BOXES)) - BETWEEN_BOXES;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}
