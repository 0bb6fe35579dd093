/** The picture as Svelte Flow takes it: a node for each card, inside that of its machine, and an edge for each wire. */
import { Position, type Edge } from '@xyflow/svelte';
import type { NodeName } from '../../worker/net/lan.ts';
import type { CardNode } from './cards/card.ts';
import type { Box, Placed, Placement, Wire } from './layout.ts';
import type { MachineView, Picture } from './picture.ts';
import { subjectKey, type Subject } from './subject.ts';

/** @param note says why nothing is known of a machine */
export function graphOf(
  picture: Picture,
  placement: Placement,
  selected: Subject | undefined,
  note: (machine: NodeName) => string | undefined,
): { nodes: CardNode[]; edges: Edge[] } {
  const key = selected && subjectKey(selected);
  const lit = litWith(picture, placement, selected);
  const place = ({ subject, box }: Placed, parent?: Subject) => {
    const id = subjectKey(subject);
    return {
      id,
      ...positionIn(box),
      ...(parent && { parentId: subjectKey(parent) }),
      selected: id === key,
      ariaRole: 'button' as const,
      domAttributes: { 'aria-roledescription': undefined, 'aria-pressed': id === key },
    };
  };
  const about = (subject: Subject) => ({ subject, lit: lit.has(subjectKey(subject)) });
  const cardOf = (machine: MachineView, placed: Placed, box: Subject): CardNode[] => {
    const { subject } = placed;
    const common = { ...place(placed, box), data: about(subject) };
    const { id } = subject;
    switch (subject.kind) {
      case 'container':
        return machine.containers
          .filter((view) => view.id === id)
          .map((view) => ({ ...common, type: 'container', data: { ...common.data, view } }));
      case 'network':
        return machine.networks
          .filter((view) => view.id === id)
          .map((view) => ({ ...common, type: 'network', data: { ...common.data, view } }));
      case 'volume':
        return machine.volumes
          .filter((view) => view.name === id)
          .map((view) => ({ ...common, type: 'volume', data: { ...common.data, view } }));
      default:
        return [];
    }
  };
  const nodes: CardNode[] = [
    ...placement.services.flatMap((placed): CardNode[] =>
      picture.services
        .filter(({ id }) => id === placed.subject.id)
        .map((view) => ({ ...place(placed), type: 'service', data: { ...about(placed.subject), view } })),
    ),
    ...placement.machines.flatMap((placed): CardNode[] =>
      picture.machines
        .filter(({ name }) => name === placed.subject.node)
        .flatMap((view) => [
          {
            ...place(placed),
            type: 'machine',
            data: { ...about(placed.subject), view, note: note(view.name) },
          },
          ...placed.cards.flatMap((card) => cardOf(view, card, placed.subject)),
        ]),
    ),
  ];
  return { nodes, edges: placement.wires.map((wire) => edgeOf(wire, key)) };
}

/**
 * Where a card stands, and where its wires end. Both are known, so nothing is measured, and a card has no elements for
 * the ends of its wires, which would be buttons in a button.
 */
function positionIn({ x, y, width, height }: Box) {
  const middle = height / 2;
  return {
    position: { x, y },
    width,
    height,
    measured: { width, height },
    handles: [
      { type: 'target' as const, position: Position.Left, x: 0, y: middle },
      { type: 'source' as const, position: Position.Right, x: width, y: middle },
    ],
  };
}

function edgeOf({ from, to, kind }: Wire, selected: string | undefined): Edge {
  const source = subjectKey(from);
  const target = subjectKey(to);
  const isLit = selected === source || selected === target;
  return {
    id: `${source}>${target}`,
    source,
    target,
    class: `${kind}${isLit ? ' lit' : ''}`,
    focusable: false,
  };
}

/** What belongs to what is selected: at the other end of a wire, a task of the service, the same network elsewhere. */
function litWith(
  { services, machines }: Picture,
  { wires }: Placement,
  selected: Subject | undefined,
): Set<string> {
  const lit = new Set<string>();
  if (!selected) return lit;
  const key = subjectKey(selected);
  for (const { from, to } of wires) {
    if (subjectKey(from) === key) lit.add(subjectKey(to));
    if (subjectKey(to) === key) lit.add(subjectKey(from));
  }
  const service = selected.kind === 'service' && services.find(({ id }) => id === selected.id);
  for (const { name: node, containers, networks } of machines) {
    if (service)
      for (const { id, service: owner } of containers)
        if (owner === service.name) lit.add(subjectKey({ kind: 'container', node, id }));
    if (selected.kind === 'network')
      for (const { id } of networks)
        if (id === selected.id) lit.add(subjectKey({ kind: 'network', node, id }));
  }
  return lit;
}
