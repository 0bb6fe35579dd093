import { expect, test } from 'vitest';
import { QUESTIONS, NO_LISTS, type EngineLists, type EnginePart } from '../engine/engine-parts.ts';
import { pictureOf, type Picture, type SeenEngine } from './picture.ts';

/** Lists as an Engine answers them. */
function listsOf(answers: Partial<Record<EnginePart, unknown>>): EngineLists {
  const parsed = Object.entries(answers).map(([part, answer]) => [
    part,
    QUESTIONS[part as EnginePart].parse(answer),
  ]);
  return { ...NO_LISTS, ...(Object.fromEntries(parsed) as Partial<EngineLists>) };
}

const engine = (
  answers: Partial<Record<EnginePart, unknown>>,
  more: Partial<SeenEngine> = {},
): SeenEngine => ({
  name: 'node1',
  lists: listsOf(answers),
  restarts: {},
  layers: {},
  ...more,
});

const machineOf = (picture: Picture) => picture.machines[0] ?? expect.fail('no machine');

test.each([
  ['Up 2 hours', 'running', { state: 'running', health: undefined, exitCode: undefined }],
  ['Up 2 minutes (healthy)', 'running', { health: 'healthy' }],
  ['Up 5 seconds (health: starting)', 'running', { health: 'starting' }],
  ['Up 2 minutes (Paused)', 'paused', { state: 'paused', health: undefined }],
  ['Exited (137) 3 minutes ago', 'exited', { state: 'exited', exitCode: 137 }],
  ['Restarting (1) 4 seconds ago', 'restarting', { state: 'restarting', exitCode: 1 }],
  ['Created', 'created', { state: 'created', exitCode: undefined }],
  ['', 'levitating', { state: 'unknown' }],
])('a container that is "%s" (%s)', (Status, State, expected) => {
  const [container] = machineOf(pictureOf([engine({ containers: [{ Id: 'a', State, Status }] })])).containers;
  expect(container).toMatchObject(expected);
});

test('ports are written once, whatever addresses they are published on', () => {
  const Ports = [
    { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { IP: '127.0.0.1', PrivatePort: 81, PublicPort: 8081, Type: 'tcp' },
    { PrivatePort: 443, Type: 'tcp' },
  ];
  const [container] = machineOf(pictureOf([engine({ containers: [{ Id: 'a', Ports }] })])).containers;
  expect(container?.ports).toEqual(['8080→80/tcp', '127.0.0.1:8081→81/tcp', '443/tcp']);
});

test('a network has the containers that run at it, and a volume all that mount it', () => {
  const at = (name: string, State: string) => ({
    Id: name,
    Names: [`/${name}`],
    State,
    NetworkSettings: { Networks: { front: { NetworkID: 'f', IPAddress: '' } } },
    Mounts: [{ Type: 'volume', Name: 'db', Source: '/x', Destination: '/data', RW: false }],
  });
  const { networks, volumes, containers } = machineOf(
    pictureOf([
      engine({
        containers: [at('b', 'running'), at('a', 'exited'), at('c', 'paused')],
        networks: [
          { Id: 'f', Name: 'front', Driver: 'bridge', IPAM: { Config: [{ Subnet: '10.1.0.0/24' }] } },
          { Id: 'n', Name: 'none', IPAM: { Config: null } },
        ],
        volumes: { Volumes: [{ Name: 'db' }, { Name: 'x', Labels: { 'com.docker.volume.anonymous': '' } }] },
      }),
    ]),
  );
  expect(containers.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(networks).toMatchObject([
    { name: 'front', subnet: '10.1.0.0/24', containers: ['b', 'c'] },
    { name: 'none', subnet: '', containers: [] },
  ]);
  expect(volumes).toMatchObject([
    { name: 'db', isAnonymous: false, containers: ['a', 'b', 'c'] },
    { name: 'x', isAnonymous: true, containers: [] },
  ]);
});

test('images without a tag go by their digest, or have no name', () => {
  const digest = `nginx@sha256:${'ab'.repeat(32)}`;
  const { images } = machineOf(
    pictureOf([
      engine(
        {
          images: [
            { Id: '1', RepoTags: ['nginx:1', 'nginx:latest'], Size: 7 },
            { Id: '2', RepoTags: [], RepoDigests: [digest] },
            { Id: '3', RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] },
          ],
          containers: [{ Id: 'c', Names: ['/web'], ImageID: '1' }],
        },
        { layers: { '1': ['sha256:x'] } },
      ),
    ]),
  );
  expect(images).toMatchObject([
    { names: ['nginx:1', 'nginx:latest'], bytes: 7, layers: ['sha256:x'], containers: ['web'] },
    { names: ['nginx@abababababab'] },
    { names: [] },
  ]);
});

test('a container that others link to goes by its own name', () => {
  const [container] = machineOf(
    pictureOf([engine({ containers: [{ Id: 'a', Names: ['/app/mysql', '/db'] }] })]),
  ).containers;
  expect(container?.name).toBe('db');
});

test('a job runs until it is complete', () => {
  const task = (ID: string, State: string) => ({
    ID,
    ServiceID: 'j',
    DesiredState: 'complete',
    Status: { State },
  });
  const [job] = pictureOf([
    engine({
      services: [{ ID: 'j', Spec: { Name: 'job', Mode: { ReplicatedJob: {} }, TaskTemplate: {} } }],
      tasks: [task('1', 'running'), task('2', 'complete')],
    }),
  ]).services;
  expect(job).toMatchObject({ mode: 'job', desired: 2, running: 1 });
});

test('services are told once, with their tasks by slot, the newest first', () => {
  const task = (ID: string, Slot: number, CreatedAt: string, State: string, DesiredState = 'running') => ({
    ID,
    ServiceID: 's',
    NodeID: 'n2',
    Slot,
    CreatedAt,
    DesiredState,
    Status: { State, Err: State === 'failed' ? 'exit 1' : '', ContainerStatus: { ContainerID: `c${ID}` } },
  });
  const lists = {
    services: [
      {
        ID: 's',
        Spec: {
          Name: 'web',
          Mode: { Replicated: { Replicas: 2 } },
          TaskTemplate: { ContainerSpec: { Image: 'nginx:1@sha256:abc' } },
        },
        Endpoint: { Ports: [{ PublishedPort: 80, TargetPort: 8080, Protocol: 'tcp' }] },
      },
    ],
    tasks: [
      task('1', 2, '2026-01-01', 'running'),
      task('2', 1, '2026-01-01', 'failed', 'shutdown'),
      task('3', 1, '2026-01-02', 'running'),
      { ...task('4', 1, '2026-01-02', 'running'), ServiceID: 'other' },
    ],
    members: [
      {
        ID: 'n1',
        Spec: { Role: 'manager' },
        Description: { Hostname: 'node1' },
        Status: {},
        ManagerStatus: { Leader: true },
      },
      { ID: 'n2', Spec: { Role: 'worker' }, Description: { Hostname: 'node2' }, Status: { State: 'ready' } },
    ],
  };
  const picture = pictureOf([engine(lists), engine(lists, { name: 'node2' })]);
  expect(picture.services).toHaveLength(1);
  expect(picture.services[0]).toMatchObject({
    name: 'web',
    manager: 'node1',
    image: 'nginx:1',
    mode: 'replicated',
    desired: 2,
    running: 2,
    ports: ['80→8080/tcp'],
  });
  expect(picture.services[0]?.tasks).toMatchObject([
    { id: '3', name: 'web.1', node: 'node2', state: 'running' },
    { id: '2', name: 'web.1', error: 'exit 1', container: 'c2' },
    { id: '1', name: 'web.2' },
  ]);
  expect(picture.machines.map(({ membership }) => membership)).toMatchObject([
    { role: 'manager', isLeader: true },
    { role: 'worker', isLeader: false, state: 'ready' },
  ]);
});
