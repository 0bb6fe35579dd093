/** What can be done with what is looked at: requests to the Engine, as the command line would send them. */
import { askJson, requestBytes } from '../engine/engine-request.ts';
import type { AskedNode } from '../engine/node-engine.svelte.ts';
import type { EngineRequest } from '../../worker/protocol.ts';
import { z } from '../../worker/schema.ts';
import type { Picture } from './picture.ts';
import type { Subject } from './subject.ts';
import { imageName, shortName } from './wording.ts';

/** Something that a button does. */
export interface LiveAction {
  title: string;
  /** As a line in a terminal, or by requests to the Engine of the machine. @throws DrydockError with the Engine's words */
  does: { shell: string } | { ask: (node: AskedNode) => Promise<void> };
  /** Asked before it is done: it cannot be undone. */
  warning?: string;
}

const PREDEFINED = new Set(['bridge', 'host', 'none']);

/** Sends one request after another. */
const request = (method: EngineRequest['method'], ...targets: string[]): LiveAction['does'] => ({
  ask: async (node) => {
    for (const target of targets) await requestBytes(node, { method, target });
  },
});

/** What can be done with `subject` now. */
export function actionsOf(picture: Picture, subject: Subject): LiveAction[] {
  const machine = picture.machines.find(({ name }) => name === subject.node);
  switch (subject.kind) {
    case 'container': {
      const container = machine?.containers.find(({ id }) => id === subject.id);
      return container ? containerActions(container.id, container.name, container.state) : [];
    }
    case 'network': {
      const network = machine?.networks.find(({ id }) => id === subject.id);
      if (!network || PREDEFINED.has(network.name)) return [];
      return [
        {
          title: 'Remove',
          warning: `The network ${network.name} is removed. Containers can no longer be connected to it.`,
          does: request('DELETE', `/networks/${network.id}`),
        },
      ];
    }
    case 'volume':
      return [
        {
          title: 'Remove',
          warning: `The volume ${shortName(subject.id)} is removed, with all that is stored in it.`,
          does: request('DELETE', `/volumes/${encodeURIComponent(subject.id)}`),
        },
      ];
    case 'image': {
      const image = machine?.images.find(({ id }) => id === subject.id);
      if (!image) return [];
      // One that has digests only is known by its id; each tag that goes is one request.
      const names = image.tags.length > 0 ? image.tags : [image.id];
      return [
        {
          title: 'Remove',
          warning: `The image ${imageName(image)} is removed from ${subject.node}. The hub keeps what it has.`,
          does: request('DELETE', ...names.map((name) => `/images/${encodeURIComponent(name)}`)),
        },
      ];
    }
    case 'service': {
      const service = picture.services.find(({ id }) => id === subject.id);
      if (!service) return [];
      const scale = (by: 1 | -1): LiveAction => ({
        title: by === 1 ? 'One task more' : 'One task fewer',
        does: { ask: (node) => scaleService(node, service.id, by) },
      });
      return [
        ...(service.mode === 'replicated' ? [scale(1), ...(service.desired > 0 ? [scale(-1)] : [])] : []),
        {
          title: 'Remove',
          warning: `The service ${service.name} is removed, and its containers with it.`,
          does: request('DELETE', `/services/${service.id}`),
        },
      ];
    }
    case 'machine':
      return [];
  }
}

function containerActions(id: string, name: string, state: string): LiveAction[] {
  const post = (title: string, verb: string): LiveAction => ({
    title,
    does: request('POST', `/containers/${id}/${verb}`),
  });
  const remove: LiveAction = {
    title: 'Remove',
    warning: `The container ${name} is removed, with what it has written that is in no volume.`,
    does: request('DELETE', `/containers/${id}?force=true`),
  };
  switch (state) {
    case 'running':
      return [
        { title: 'Shell', does: { shell: `docker exec -it ${name} sh` } },
        post('Stop', 'stop'),
        post('Restart', 'restart'),
        post('Pause', 'pause'),
        remove,
      ];
    case 'paused':
      return [post('Unpause', 'unpause'), remove];
    case 'restarting':
      return [post('Stop', 'stop'), remove];
    default:
      return [post('Start', 'start'), remove];
  }
}

/** What of a service has to be sent back to change it: its version, and all of its specification. */
const scaledSchema = z.object({
  Version: z.object({ Index: z.number() }),
  Spec: z.looseObject({ Mode: z.object({ Replicated: z.looseObject({ Replicas: z.number() }) }) }),
});

async function scaleService(node: AskedNode, id: string, by: 1 | -1): Promise<void> {
  const { Version, Spec } = scaledSchema.parse(await askJson(node, `/services/${id}`));
  Spec.Mode.Replicated.Replicas = Math.max(0, Spec.Mode.Replicated.Replicas + by);
  await requestBytes(node, {
    method: 'POST',
    target: `/services/${id}/update?version=${Version.Index}`,
    body: JSON.stringify(Spec),
  });
}
