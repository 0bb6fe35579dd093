import { expect, test } from 'vitest';
import { membersOf, openPorts, portsOfContainers, portsOfServices } from './open-ports.ts';

const CONTAINERS = JSON.stringify([
  {
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
    Names: ['/api'],
    Labels: {},
    Ports: [{ IP: '127.0.0.1', PublicPort: 5000, PrivatePort: 5000, Type: 'tcp' }],
  },
  { Names: ['/shop.1.x'], Labels: { 'com.docker.swarm.service.name': 'shop' }, Ports: [] },
]);

const SERVICES = JSON.stringify([
  {
    Spec: { Name: 'shop' },
    Endpoint: { Ports: [{ PublishedPort: 9000, TargetPort: 80, Protocol: 'tcp', PublishMode: 'ingress' }] },
  },
  { Spec: { Name: 'quiet' }, Endpoint: { Spec: {} } },
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
  const node = (Hostname: string, State: string) => ({ Description: { Hostname }, Status: { State } });
  const nodes = [
    node('node3', 'ready'),
    node('node1', 'ready'),
    node('node2', 'down'),
    node('other', 'ready'),
  ];
  expect(membersOf(JSON.stringify(nodes))).toEqual(['node1', 'node3']);
});

test.each(['', 'null', '{"message":"page not found"}', '[{"Names":1}]'])('"%s" is no answer', (json) => {
  expect(() => portsOfContainers(json)).toThrow();
  expect(() => portsOfServices(json)).toThrow();
  expect(() => membersOf(json)).toThrow();
});
