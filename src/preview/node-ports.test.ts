import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EngineAnswer, EngineRequest } from '../../worker/protocol.ts';
import { Listeners } from '../app/listeners.ts';
import type { EngineNews } from '../machine/node.svelte.ts';
import { NodeEngine } from '../engine/node-engine.svelte.ts';
import { NodePorts } from './node-ports.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const TABLE = '   0: 00000000:1B58 00000000:0000 0A 00000000:00000000\n';

const answered = (status: number, answer: unknown): EngineAnswer => ({
  status,
  headers: {},
  bytes: new TextEncoder().encode(JSON.stringify(answer)),
});

/** A machine whose Engine answers with `answers`, by path. */
function nodeWith(answers: Record<string, unknown>) {
  const asked: string[] = [];
  const node = {
    name: 'node1' as const,
    engine: 'lost' as const,
    engineNews: new Listeners<[EngineNews]>(),
    lines: new Listeners(),
    askEngine: ({ target }: EngineRequest): Promise<EngineAnswer> => {
      asked.push(target);
      const answer = answers[target];
      return Promise.resolve(
        answer === undefined
          ? answered(503, { message: 'This node is not a swarm manager.' })
          : answered(200, answer),
      );
    },
    readFile: (path: string): Promise<Uint8Array<ArrayBuffer>> => {
      asked.push(path);
      return Promise.resolve(new TextEncoder().encode(path.endsWith('tcp') ? TABLE : ''));
    },
  };
  return { ...node, asked, answers, state: new NodeEngine(node) };
}

const event = (Type: string, Action: string): EngineNews => ({
  type: 'event',
  event: JSON.stringify({ Type, Action }),
});

const web = {
  Id: 'w',
  Names: ['/web'],
  Labels: {},
  Ports: [{ IP: '0.0.0.0', PublicPort: 8080, Type: 'tcp' }],
};

test('sockets are looked at when containers may be others, and not when the machine is idle', async () => {
  const node = nodeWith({ '/containers/json?all=1': [web] });
  const changed = vi.fn();
  const ports = new NodePorts(node, node.state, changed);
  node.engineNews.emit({ type: 'told' });
  await vi.advanceTimersByTimeAsync(60_000);
  node.asked.length = 0;
  await vi.advanceTimersByTimeAsync(600_000);
  expect(node.asked, 'an idle machine is asked nothing').toEqual([]);
  node.engineNews.emit(event('container', 'create'));
  node.engineNews.emit(event('network', 'connect'));
  node.engineNews.emit(event('container', 'start'));
  await vi.advanceTimersByTimeAsync(1000);
  expect(node.asked).toEqual(['/containers/json?all=1', '/proc/net/tcp', '/proc/net/tcp6']);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(node.asked, 'and once more when the Engine has closed what is gone').toHaveLength(5);
  expect(ports.containers).toEqual([{ port: 8080, scope: 'lan', owner: 'web' }]);
  expect(ports.listeners).toEqual([{ port: 7000, scope: 'lan' }]);
  expect(changed).toHaveBeenCalled();
  node.asked.length = 0;
  node.engineNews.emit(event('image', 'pull'));
  node.engineNews.emit({ type: 'event', event: 'no JSON' });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(node.asked).toEqual([]);
});

test('a manager tells of services and of who is in the swarm', async () => {
  const node = nodeWith({
    '/containers/json?all=1': [],
    '/services': [
      {
        ID: 's',
        Spec: { Name: 'shop', Mode: {}, TaskTemplate: {} },
        Endpoint: { Ports: [{ PublishedPort: 9000, Protocol: 'tcp' }] },
      },
    ],
    '/nodes': [{ ID: 'n', Spec: {}, Description: { Hostname: 'node2' }, Status: { State: 'ready' } }],
  });
  const ports = new NodePorts(node, node.state, () => undefined);
  node.engineNews.emit({ type: 'told' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(ports.services).toEqual([{ port: 9000, scope: 'lan', owner: 'shop' }]);
  expect(ports.members).toEqual(['node2']);
});

test('it is looked for new programs after a line, and no more after the end', async () => {
  const node = nodeWith({});
  const ports = new NodePorts(node, node.state, () => undefined);
  node.lines.emit();
  await vi.advanceTimersByTimeAsync(2000);
  expect(node.asked).toEqual(['/proc/net/tcp', '/proc/net/tcp6']);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(node.asked).toHaveLength(4);
  node.lines.emit();
  ports.end();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(node.asked).toHaveLength(4);
});

test('what an Engine has published that is gone is gone', async () => {
  const node = nodeWith({ '/containers/json?all=1': [web] });
  const ports = new NodePorts(node, node.state, () => undefined);
  node.engineNews.emit({ type: 'told' });
  await vi.advanceTimersByTimeAsync(1000);
  node.engineNews.emit({ type: 'lost' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(ports.containers).toEqual([]);
  expect(ports.listeners, 'a program of the machine goes on').toHaveLength(1);
});
