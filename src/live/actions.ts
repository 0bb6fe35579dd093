/** What can be done with what is looked at: requests to the Engine, as the command line would send them. */
import { requestBytes } from '../engine/engine-request.ts';
import { engines } from '../engine/engines.svelte.ts';
import type { EngineRequest } from '../../worker/protocol.ts';
import { z } from '../../worker/schema.ts';
import type { Picture } from './picture.ts';
import type { Subject } from './subject.ts';
import { imageName, shortName } from './wording.ts';

/** Something that a button does. */
export interface LiveAction {
  title: string;
  /** As a line in a terminal, where that is how it is done. */
  shell?: string;
  requests?: (() => Promise<EngineRequest>)[];
  /** Asked before it is done: it cannot be undone. */
  warning?: string;
}

const PREDEFINED = new Set(['bridge', 'host', 'none']);

const fixed = (method: EngineRequest['method'], target: string) => (): Promise<EngineRequest> =>
  Promise.resolve({ method, target });

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
          requests: [fixed('DELETE', `/networks/${network.id}`)],
        },
      ];
    }
    case 'volume':
      return [
        {
          title: 'Remove',
          warning: `The volume ${shortName(subject.id)} is removed, with all that is stored in it.`,
          requests: [fixed('DELETE', `/volumes/${encodeURIComponent(subject.id)}`)],
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
          requests: names.map((name) => fixed('DELETE', `/images/${encodeURIComponent(name)}`)),
        },
      ];
    }
    case 'service': {
      const service = picture.services.find(({ id }) => id === subject.id);
      if (!service) return [];
      const scale = (by: 1 | -1): LiveAction => ({
        title: by === 1 ? 'One task more' : 'One task fewer',
        requests: [() => scaleRequest(subject, by)],
      });
      return [
        ...(service.mode === 'replicated' ? [scale(1), ...(service.desired > 0 ? [scale(-1)] : [])] : []),
        {
          title: 'Remove',
          warning: `The service ${service.name} is removed, and its containers with it.`,
          requests: [fixed('DELETE', `/services/${service.id}`)],
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
    requests: [fixed('POST', `/containers/${id}/${verb}`)],
  });
  const remove: LiveAction = {
    title: 'Remove',
    warning: `The container ${name} is removed, with what it has written that is in no volume.`,
    requests: [fixed('DELETE', `/containers/${id}?force=true`)],
  };
  switch (state) {
    case 'running':
      return [
        { title: 'Shell', shell: `docker exec -it ${name} sh` },
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

async function scaleRequest({ node, id }: Subject, by: 1 | -1): Promise<EngineRequest> {
  const engine = engines.find(node);
  if (!engine) throw new Error(`There is no ${node}.`);
  const bytes = await requestBytes(engine.node, { method: 'GET', target: `/services/${id}` });
  const { Version, Spec } = scaledSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  Spec.Mode.Replicated.Replicas = Math.max(0, Spec.Mode.Replicated.Replicas + by);
  return {
    method: 'POST',
    target: `/services/${id}/update?version=${Version.Index}`,
    body: JSON.stringify(Spec),
  };
}

/** Does what a button says. @throws DrydockError with the Engine's words */
export async function perform({ requests = [] }: LiveAction, { node }: Subject): Promise<void> {
  const engine = engines.find(node);
  if (!engine) throw new Error(`There is no ${node}.`);
  for (const request of requests) await requestBytes(engine.node, await request());
}
