/** What the live view tells of a single thing, as names with values. */
import { fileSize, plural } from '../app/format.ts';
import type { Picture } from './picture.ts';
import type { Subject } from './subject.ts';
import { imageName, roleOf, shortId, shortName, stateOf } from './wording.ts';

export interface Fact {
  name: string;
  values: string[];
}

/** The facts about `subject`, without those that have no value. */
export function factsOf(picture: Picture, subject: Subject): Fact[] {
  return allFacts(picture, subject)
    .map(([name, value]): Fact => ({ name, values: [value].flat().filter((each) => each !== '') }))
    .filter(({ values }) => values.length > 0);
}

function allFacts(picture: Picture, { kind, node, id }: Subject): [name: string, value: string | string[]][] {
  const machine = picture.machines.find(({ name }) => name === node);
  switch (kind) {
    case 'container': {
      const view = machine?.containers.find((each) => each.id === id);
      if (!view) return [];
      return [
        ['State', stateOf(view)],
        ['Image', view.image],
        ['Command', view.command],
        ['Machine', node],
        ['Ports', view.ports],
        [
          'Networks',
          view.attachments.map(({ name, address, state }) =>
            state === 'attached' ? `${name} ${address}` : `${name} (once it runs)`,
          ),
        ],
        [
          'Mounts',
          view.mounts.map(
            ({ volume, source, destination, readOnly }) =>
              `${destination} ← ${volume === undefined ? source || 'memory' : `volume ${shortName(volume)}`}${readOnly ? ', read only' : ''}`,
          ),
        ],
        ['Service', view.service ?? ''],
        ['Compose project', view.project ?? ''],
        ['Id', shortId(view.id)],
      ];
    }
    case 'network': {
      const view = machine?.networks.find((each) => each.id === id);
      if (!view) return [];
      return [
        ['Driver', view.driver],
        ['Scope', view.scope],
        ['Subnet', view.subnet],
        ['Internal', view.isInternal ? 'yes: it has no way out' : ''],
        ['Containers', view.containers],
        ['Id', shortId(view.id)],
      ];
    }
    case 'volume': {
      const view = machine?.volumes.find(({ name }) => name === id);
      if (!view) return [];
      return [
        ['Driver', view.driver],
        ['Used by', view.containers],
        ['Name', [view.name, view.isAnonymous ? 'made up by Docker' : '']],
      ];
    }
    case 'image': {
      const view = machine?.images.find((each) => each.id === id);
      if (!view) return [];
      return [
        ['Names', view.names],
        ['Size', fileSize(view.bytes)],
        ['Layers', String(view.layers.length)],
        ['Used by', view.containers],
        ['Id', shortId(view.id)],
      ];
    }
    case 'service': {
      const view = picture.services.find((each) => each.id === id);
      if (!view) return [];
      return [
        ['Image', view.image],
        ['Mode', view.mode],
        ['Tasks', `${view.running} of ${view.desired} running`],
        ['Ports', view.ports],
        [
          'History',
          view.tasks.map(
            ({ name, node: place, state, desired, error }) =>
              `${name}${place && ` on ${place}`}: ${state}${state === desired || desired === 'complete' ? '' : `, should be ${desired}`}${error && ` (${error})`}`,
          ),
        ],
        ['Id', shortId(view.id)],
      ];
    }
    case 'machine':
      return [
        ['Containers', plural(machine?.containers.length ?? 0, 'container')],
        ['Images', plural(machine?.images.length ?? 0, 'image')],
        ['Swarm', machine?.membership ? roleOf(machine.membership) : 'not in a swarm'],
      ];
  }
}

/** The thing's name, with its kind: `Container web`. */
export function titleOf(picture: Picture, { kind, node, id }: Subject): string {
  const machine = picture.machines.find(({ name }) => name === node);
  switch (kind) {
    case 'container':
      return `Container ${machine?.containers.find((each) => each.id === id)?.name ?? ''}`;
    case 'network':
      return `Network ${machine?.networks.find((each) => each.id === id)?.name ?? ''}`;
    case 'volume':
      return `Volume ${shortName(id)}`;
    case 'image': {
      const image = machine?.images.find((each) => each.id === id);
      return `Image ${image ? imageName(image) : ''}`;
    }
    case 'service':
      return `Service ${picture.services.find((each) => each.id === id)?.name ?? ''}`;
    case 'machine':
      return `Machine ${node}`;
  }
}
