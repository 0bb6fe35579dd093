/** The picture as Svelte Flow takes it: a node for each card, inside that of its machine, and an edge for each wire. */
import { Position, type Edge } from '@xyflow/svelte';
import type { CardNode } from './cards/card.ts';
import type { Box, Placed, Placement, Wire } from './layout.ts';
import type { Picture } from './picture.ts';
import { subjectKey, type Subject } from './subject.ts';

/** @param note says why nothing is known of a machine */
export function graphOf(
  picture: Picture,
  placement: Placement,
  selected: Subject | undefined,
  note: (machine: string) => string | undefined,
): { nodes: CardNode[]; edges: Edge[] } {
  const key = selected && subjectKey(selected);
  const lit = litWith(picture, placement, selected);
  const common = ({ subject, box }: Placed, parent?: Subject) => {
    const id = subjectKey(subject);
    return {
      id,
      ...positionIn(box),
      ...(parent && { parentId: subjectKey(parent) }),
      selected: id === key,
      ariaRole: 'button' as const,
      domAttributes: { 'aria-roledescription': undefined, 'aria-pressed': id === key },
      lit: lit.has(id),
    };
  };
  const nodes: CardNode[] = [];
  for (const placed of placement.services) {
    const view = picture.services.find(({ id }) => id === placed.subject.id);
    if (!view) continue;
    const { lit: isLit, ...rest } = common(placed);
    nodes.push({ ...rest, type: 'service', data: { subject: placed.subject, lit: isLit, view } });
  }
  for (const placed of placement.machines) {
    const machine = picture.machines.find(({ name }) => name === placed.subject.node);
    if (!machine) continue;
    const { lit: isLit, ...rest } = common(placed);
    nodes.push({
      ...rest,
      type: 'machine',
      data: { subject: placed.subject, lit: isLit, view: machine, note: note(machine.name) },
    });
    for (const card of placed.cards) {
      const { subject } = card;
      const container = machine.containers.find(
        ({ id }) => subject.kind === 'container' && id === subject.id,
      );
      const network = machine.networks.find(({ id }) => subject.kind === 'network' && id === subject.id);
      const volume = machine.volumes.find(({ name }) => subject.kind === 'volume' && name === subject.id);
      const { lit: cardLit, ...own } = common(card, placed.subject);
      if (container)
        nodes.push({ ...own, type: 'container', data: { subject, lit: cardLit, view: container } });
      else if (network)
        nodes.push({ ...own, type: 'network', data: { subject, lit: cardLit, view: network } });
      else if (volume) nodes.push({ ...own, type: 'volume', data: { subject, lit: cardLit, view: volume } });
    }
  }
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
