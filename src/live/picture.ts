/**
 * What the live view shows, in the words of the reader: machines with their containers, networks, volumes and images, and
 * the services of their swarms. The graph and the table are two forms of it.
 */
import type { NodeName } from '../../worker/net/lan.ts';
import {
  nameOf,
  type EngineContainer,
  type EngineImage,
  type EngineMember,
  type EngineNetwork,
  type EngineService,
  type EngineTask,
  type EngineVolume,
} from '../engine/engine-json.ts';
import type { EngineLists } from '../engine/engine-parts.ts';
import type { Layers, Restarts } from '../engine/node-engine.svelte.ts';

export type ContainerState =
  'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead' | 'unknown';

export type Health = 'starting' | 'healthy' | 'unhealthy';

/** How a container is at a network. Only one that runs is attached; another one will be when it is started. */
export interface Attachment {
  network: string;
  name: string;
  address: string;
  state: 'attached' | 'configured';
}

export interface Mount {
  /** Of a named or anonymous volume. */
  volume: string | undefined;
  source: string;
  destination: string;
  readOnly: boolean;
}

export interface ContainerView {
  id: string;
  name: string;
  image: string;
  imageId: string;
  command: string;
  state: ContainerState;
  health: Health | undefined;
  exitCode: number | undefined;
  restarts: number;
  /** As `docker ps` writes them, each once: `8080→80/tcp`. */
  ports: string[];
  attachments: Attachment[];
  mounts: Mount[];
  /** Name of the service that it is a task of. */
  service: string | undefined;
  /** Name of its Compose project. */
  project: string | undefined;
}

export interface NetworkView {
  id: string;
  name: string;
  driver: string;
  scope: string;
  subnet: string;
  isInternal: boolean;
  /** Names of the containers that are attached. */
  containers: string[];
}

export interface VolumeView {
  name: string;
  driver: string;
  /** Whether Docker has made up its name. */
  isAnonymous: boolean;
  containers: string[];
}

export interface ImageView {
  id: string;
  /** What it is called: its tags, or digests where there are none. */
  names: string[];
  tags: string[];
  bytes: number;
  /** Digests, lowest first. */
  layers: readonly string[];
  containers: string[];
}

export interface SwarmMembership {
  role: 'manager' | 'worker';
  isLeader: boolean;
  availability: string;
  state: string;
}

export interface MachineView {
  name: NodeName;
  containers: ContainerView[];
  networks: NetworkView[];
  volumes: VolumeView[];
  images: ImageView[];
  membership: SwarmMembership | undefined;
}

export interface TaskView {
  id: string;
  /** `web.1`, as `docker service ps` writes it. */
  name: string;
  /** Host name of its node; empty while it has none. */
  node: string;
  desired: string;
  state: string;
  error: string;
  container: string | undefined;
}

export interface ServiceView {
  id: string;
  name: string;
  /** A manager that tells of it. */
  manager: NodeName;
  image: string;
  mode: 'replicated' | 'global' | 'job';
  /** Tasks that should run, and that do. */
  desired: number;
  running: number;
  ports: string[];
  /** The newest first, of each slot. */
  tasks: TaskView[];
}

export interface Picture {
  machines: MachineView[];
  services: ServiceView[];
}

/** An Engine, as far as a picture is drawn of it. */
export interface SeenEngine {
  name: NodeName;
  lists: EngineLists;
  restarts: Restarts;
  layers: Layers;
}

/** Draws the picture of what the Engines have. */
export function pictureOf(engines: readonly SeenEngine[]): Picture {
  const members = engines.flatMap(({ lists }) => lists.members);
  return {
    machines: engines.map((engine) => machineOf(engine, members)),
    services: servicesOf(engines),
  };
}

function machineOf({ name, lists, restarts, layers }: SeenEngine, members: EngineMember[]): MachineView {
  const containers = lists.containers
    .map((container) => containerOf(container, restarts[container.Id] ?? 0))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const member = members.find(
    ({ Description, Status }) => Description.Hostname === name && Status.State !== 'down',
  );
  return {
    name,
    containers,
    networks: lists.networks.map((network) => networkOf(network, containers)).sort(byName),
    volumes: lists.volumes.map((volume) => volumeOf(volume, containers)).sort(byName),
    images: lists.images
      .map((image) => imageOf(image, layers[image.Id] ?? [], containers))
      .sort((a, b) => compare(a.names[0] ?? '~', b.names[0] ?? '~')),
    membership: member && membershipOf(member),
  };
}

const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name, 'en');

const STATE = /^(?:created|running|paused|restarting|removing|exited|dead)$/;

function containerOf(container: EngineContainer, restarts: number): ContainerView {
  const { Labels, Status } = container;
  const state = STATE.test(container.State) ? (container.State as ContainerState) : 'unknown';
  const isUp = state === 'running' || state === 'paused';
  const health = /\((?:health: )?(starting|healthy|unhealthy)\)/.exec(Status)?.[1] as Health | undefined;
  const exit = /^(?:Exited|Restarting) \((\d+)\)/.exec(Status)?.[1];
  return {
    id: container.Id,
    name: nameOf(container.Names),
    image: container.Image,
    imageId: container.ImageID,
    command: container.Command,
    state,
    health: isUp ? health : undefined,
    exitCode: exit === undefined ? undefined : Number(exit),
    restarts,
    ports: portsOf(container),
    attachments: Object.entries(container.NetworkSettings?.Networks ?? {}).map(([name, settings]) => ({
      network: settings?.NetworkID ?? '',
      name,
      address: settings?.IPAddress ?? '',
      state: isUp ? 'attached' : 'configured',
    })),
    mounts: (container.Mounts ?? []).map(({ Type, Name, Source, Destination, RW }) => ({
      volume: Type === 'volume' ? Name : undefined,
      source: Source,
      destination: Destination,
      readOnly: !RW,
    })),
    service: Labels?.['com.docker.swarm.service.name'],
    project: Labels?.['com.docker.compose.project'],
  };
}

function portsOf({ Ports }: EngineContainer): string[] {
  const texts = (Ports ?? []).map(({ IP = '', PublicPort, PrivatePort, Type }) => {
    const inner = `${PrivatePort ?? ''}/${Type}`;
    if (PublicPort === undefined) return inner;
    return `${/^(?:127\.|::1$)/.test(IP) ? `${IP}:` : ''}${PublicPort}→${inner}`;
  });
  return [...new Set(texts)];
}

function networkOf(network: EngineNetwork, containers: ContainerView[]): NetworkView {
  return {
    id: network.Id,
    name: network.Name,
    driver: network.Driver,
    scope: network.Scope,
    subnet: (network.IPAM?.Config ?? [])
      .map(({ Subnet }) => Subnet)
      .filter(Boolean)
      .join(', '),
    isInternal: network.Internal,
    containers: containers
      .filter(({ attachments }) =>
        attachments.some((each) => each.state === 'attached' && each.network === network.Id),
      )
      .map(({ name }) => name),
  };
}

function volumeOf({ Name, Driver, Labels }: EngineVolume, containers: ContainerView[]): VolumeView {
  return {
    name: Name,
    driver: Driver,
    isAnonymous: Labels?.['com.docker.volume.anonymous'] !== undefined,
    containers: containers
      .filter(({ mounts }) => mounts.some(({ volume }) => volume === Name))
      .map(({ name }) => name),
  };
}

function imageOf(
  { Id, RepoTags, RepoDigests, Size }: EngineImage,
  layers: readonly string[],
  containers: ContainerView[],
): ImageView {
  const tags = (RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
  const digests = (RepoDigests ?? []).filter((digest) => !digest.startsWith('<none>'));
  return {
    id: Id,
    tags,
    names: tags.length > 0 ? tags : digests.map((digest) => digest.replace(/@sha256:(.{12}).*/, '@$1')),
    bytes: Size,
    layers,
    containers: containers.filter(({ imageId }) => imageId === Id).map(({ name }) => name),
  };
}

function membershipOf({ Spec, ManagerStatus, Status }: EngineMember): SwarmMembership {
  return {
    role: Spec.Role === 'manager' ? 'manager' : 'worker',
    isLeader: ManagerStatus?.Leader ?? false,
    availability: Spec.Availability,
    state: Status.State,
  };
}

/** Each manager of a swarm tells of the same services. */
function servicesOf(engines: readonly SeenEngine[]): ServiceView[] {
  const services = new Map<string, ServiceView>();
  for (const { name, lists } of engines)
    for (const service of lists.services)
      if (!services.has(service.ID)) services.set(service.ID, serviceOf(service, lists, name));
  return [...services.values()].sort(byName);
}

function serviceOf(service: EngineService, { tasks, members }: EngineLists, manager: NodeName): ServiceView {
  const { Spec, Endpoint } = service;
  const { Replicated, Global } = Spec.Mode;
  const own = tasks.filter(({ ServiceID }) => ServiceID === service.ID).sort(newestFirst);
  const views = own.map((task) => taskOf(task, Spec.Name, members));
  return {
    id: service.ID,
    name: Spec.Name,
    manager,
    image: (Spec.TaskTemplate.ContainerSpec?.Image ?? '').replace(/@sha256:.*/, ''),
    mode: Replicated ? 'replicated' : Global ? 'global' : 'job',
    desired: Replicated ? Replicated.Replicas : views.filter(isWanted).length,
    running: views.filter((task) => isWanted(task) && task.state === 'running').length,
    ports: (Endpoint?.Ports ?? []).map(
      ({ PublishedPort, TargetPort, Protocol }) => `${PublishedPort ?? ''}→${TargetPort ?? ''}/${Protocol}`,
    ),
    tasks: views,
  };
}

/** Whether a task should run: one of a job should until it is complete. */
export const isWanted = ({ desired }: TaskView): boolean => desired === 'running' || desired === 'complete';

/** By slot, and within one the newest first, as `docker service ps` has them. */
function newestFirst(a: EngineTask, b: EngineTask): number {
  return (
    a.Slot - b.Slot || (a.Slot === 0 ? compare(a.NodeID, b.NodeID) : 0) || compare(b.CreatedAt, a.CreatedAt)
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function taskOf(task: EngineTask, service: string, members: readonly EngineMember[]): TaskView {
  const { ID, NodeID, Slot, DesiredState, Status } = task;
  return {
    id: ID,
    name: `${service}.${Slot === 0 ? NodeID : Slot}`,
    node: members.find((member) => member.ID === NodeID)?.Description.Hostname ?? '',
    desired: DesiredState,
    state: Status.State,
    error: Status.Err,
    container: Status.ContainerStatus?.ContainerID === '' ? undefined : Status.ContainerStatus?.ContainerID,
  };
}
