import { expect, test } from 'vitest';
import { z } from '../../worker/schema.ts';
import { containerSchema, memberSchema, serviceSchema } from '../engine/engine-json.ts';
import { membersOf, openPorts, portsOfContainers, portsOfServices } from './open-ports.ts';

const CONTAINERS = z.array(containerSchema).parse([
  {
    Id: 'w',
    Names: ['/web'],
    Labels: {},
    Ports: [
      { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { PrivatePort: 443, Type: 'tcp' },
      { IP: '0.0.0.0', PrivatePort: 53, PublicPort: 5353, Type: 'udp' },
    ],
  },
  {
    Id: 'a',
    Names: ['/api'],
    Labels: {},
    Ports: [{ IP: '127.0.0.1', PublicPort: 5000, PrivatePort: 5000, Type: 'tcp' }],
  },
  { Id: 's', Names: ['/shop.1.x'], Labels: { 'com.docker.swarm.service.name': 'shop' }, Ports: [] },
]);

const SERVICES = z.array(serviceSchema).parse([
  {
    ID: 's',
    Spec: { Name: 'shop', Mode: {}, TaskTemplate: {} },
    Endpoint: { Ports: [{ PublishedPort: 9000, TargetPort: 80, Protocol: 'tcp', PublishMode: 'ingress' }] },
  },
  { ID: 'q', Spec: { Name: 'quiet', Mode: {}, TaskTemplate: {} }, Endpoint: { Spec: {} } },
]);

test('open ports are those that something listens on, and those that a container publishes', () => {
  const containers = portsOfContainers(CONTAINERS);
  const services = portsOfServices(SERVICES);
  expect(
    openPorts(
      'node1',
      [
        { port: 7000, scope: 'lan' },
        { port: 8080, scope: 'lan' },
        { port: 45_000, scope: 'loopback' },
      ],
      containers,
      services,
    ),
  ).toEqual([
    { node: 'node1', port: 5000, scope: 'loopback', owners: ['api'] },
    { node: 'node1', port: 7000, scope: 'lan', owners: [] },
    { node: 'node1', port: 8080, scope: 'lan', owners: ['web'] },
    { node: 'node1', port: 9000, scope: 'lan', owners: ['shop'] },
  ]);
});

test('the members of a swarm are its nodes that are ready', () => {
  const node = (Hostname: string, State: string) =>
    memberSchema.parse({ ID: Hostname, Spec: {}, Description: { Hostname }, Status: { State } });
  const nodes = [
    node('node3', 'ready'),
    node('node1', 'ready'),
    node('node2', 'down'),
    node('other', 'ready'),
  ];
  expect(membersOf(nodes)).toEqual(['node1', 'node3']);
});
