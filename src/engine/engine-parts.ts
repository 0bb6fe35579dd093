/** The lists that an Engine has, what is asked for each, and which of them an event may have changed. */
import { z } from '../../worker/schema.ts';
import {
  containerSchema,
  imageSchema,
  memberSchema,
  networkSchema,
  serviceSchema,
  taskSchema,
  volumesSchema,
  type EngineContainer,
  type EngineEvent,
  type EngineImage,
  type EngineMember,
  type EngineNetwork,
  type EngineService,
  type EngineTask,
  type EngineVolume,
} from './engine-json.ts';

/** Each list of an Engine; those of a swarm are empty where it is no manager of one. */
export interface EngineLists {
  containers: readonly EngineContainer[];
  networks: readonly EngineNetwork[];
  volumes: readonly EngineVolume[];
  images: readonly EngineImage[];
  services: readonly EngineService[];
  tasks: readonly EngineTask[];
  /** Nodes of the swarm. */
  members: readonly EngineMember[];
}

export type EnginePart = keyof EngineLists;

/** Nothing known yet; they are asked for in this order. */
export const NO_LISTS: EngineLists = {
  containers: [],
  volumes: [],
  networks: [],
  images: [],
  services: [],
  tasks: [],
  members: [],
};

export const PARTS = Object.keys(NO_LISTS) as EnginePart[];

export const SWARM_PARTS: readonly EnginePart[] = ['services', 'tasks', 'members'];

/** How each list is asked for, and read. */
export const QUESTIONS: {
  [P in EnginePart]: { target: string; parse: (answer: unknown) => EngineLists[P] };
} = {
  containers: {
    target: '/containers/json?all=1',
    parse: (answer) => z.array(containerSchema).parse(answer),
  },
  networks: { target: '/networks', parse: (answer) => z.array(networkSchema).parse(answer) },
  volumes: { target: '/volumes', parse: (answer) => volumesSchema.parse(answer).Volumes ?? [] },
  images: { target: '/images/json', parse: (answer) => z.array(imageSchema).parse(answer) },
  services: { target: '/services', parse: (answer) => z.array(serviceSchema).parse(answer) },
  tasks: { target: '/tasks', parse: (answer) => z.array(taskSchema).parse(answer) },
  members: { target: '/nodes', parse: (answer) => z.array(memberSchema).parse(answer) },
};

/** The lists that may be others after an event. */
export function changedBy({ Type, Action, Actor }: EngineEvent): readonly EnginePart[] {
  switch (Type) {
    case 'container':
      return Action === 'commit' ? ['images'] : ['containers'];
    case 'network':
      // A node that joins or leaves a swarm gets or loses the network of the routing mesh.
      return Actor?.Attributes?.['name'] === 'ingress'
        ? ['networks', 'containers', ...SWARM_PARTS]
        : ['networks', 'containers'];
    case 'volume':
      return ['volumes', 'containers'];
    case 'image':
      return ['images'];
    case 'service':
    case 'node':
      return SWARM_PARTS;
    default:
      return [];
  }
}

/** Whether the event is one of a container of a swarm's task: its state is told to the managers, which tell no event of it. */
export function concernsSwarm({ Type, Actor }: EngineEvent): boolean {
  return (
    Type === 'service' ||
    Type === 'node' ||
    Actor?.Attributes?.['com.docker.swarm.task.id'] !== undefined ||
    Actor?.Attributes?.['name'] === 'ingress'
  );
}
