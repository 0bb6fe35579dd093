import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DrydockError } from '../../worker/error.ts';
import type { EngineAnswer, EngineRequest } from '../../worker/protocol.ts';
import { Listeners } from '../app/listeners.ts';
import type { EngineNews } from '../machine/node.svelte.ts';
import { NodeEngine } from './node-engine.svelte.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A machine whose Engine answers with `answers`, by path; what is not among them is refused. */
function nodeWith(answers: Record<string, unknown>) {
  const asked: string[] = [];
  const node = {
    name: 'node1' as const,
    engine: 'lost' as 'told' | 'lost',
    engineNews: new Listeners<[EngineNews]>(),
    lines: new Listeners(),
    askEngine: vi.fn(({ target }: EngineRequest): Promise<EngineAnswer> => {
      asked.push(target);
      const answer = answers[target];
      return Promise.resolve({
        status: answer === undefined ? 503 : 200,
        headers: {},
        bytes: new TextEncoder().encode(JSON.stringify(answer ?? {})),
      });
    }),
  };
  return { node, asked, answers };
}

const event = (Type: string, Action: string, ID = 'x', Attributes = {}): EngineNews => ({
  type: 'event',
  event: JSON.stringify({ Type, Action, Actor: { ID, Attributes } }),
});

const soon = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1000);

test('what nobody wants is not asked for, and an idle Engine is asked nothing', async () => {
  const { node, asked } = nodeWith({ '/volumes': { Volumes: null } });
  const engine = new NodeEngine(node);
  node.engineNews.emit({ type: 'told' });
  await soon();
  expect(asked).toEqual([]);
  const end = engine.want(['volumes']);
  await soon();
  expect(asked).toEqual(['/volumes']);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(asked).toHaveLength(1);
  end();
  node.engineNews.emit(event('volume', 'create'));
  await soon();
  expect(asked).toHaveLength(1);
});

test('an Engine that was there before is asked too', async () => {
  const { node, asked } = nodeWith({ '/networks': [] });
  node.engine = 'told';
  new NodeEngine(node).want(['networks']);
  await soon();
  expect(asked).toEqual(['/networks']);
});

test('events that come together are one question, and one that comes while it is answered another', async () => {
  const { node, asked, answers } = nodeWith({ '/networks': [{ Id: 'a', Name: 'a' }] });
  const engine = new NodeEngine(node);
  engine.want(['networks']);
  node.engineNews.emit({ type: 'told' });
  await soon();
  asked.length = 0;
  node.askEngine.mockImplementationOnce(async ({ target }) => {
    asked.push(target);
    answers['/networks'] = [{ Id: 'b', Name: 'b' }];
    node.engineNews.emit(event('network', 'destroy'));
    await new Promise((resolve) => setTimeout(resolve, 2000));
    return { status: 200, headers: {}, bytes: new TextEncoder().encode('[]') };
  });
  for (const action of ['create', 'connect', 'connect']) node.engineNews.emit(event('network', action));
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toEqual(['/networks', '/networks']);
  expect(engine.lists.networks).toMatchObject([{ Name: 'b' }]);
});

test('restarts are counted of those that were there, and of those that have ended', async () => {
  const container = (Id: string, State: string) => ({ Id, State });
  const { node, asked, answers } = nodeWith({
    '/containers/json?all=1': [container('old', 'running'), container('done', 'exited')],
    '/containers/old/json': { RestartCount: 3 },
  });
  const engine = new NodeEngine(node);
  engine.want(['containers']);
  node.engineNews.emit({ type: 'told' });
  await soon();
  expect(asked).toEqual(['/containers/json?all=1', '/containers/old/json']);
  expect(engine.restarts).toEqual({ old: 3 });
  answers['/containers/old/json'] = { RestartCount: 4 };
  node.engineNews.emit(event('container', 'die', 'old'));
  node.engineNews.emit(event('container', 'start', 'old'));
  await soon();
  expect(engine.restarts).toEqual({ old: 4 });
});

test('a container that is started by hand is counted anew', async () => {
  const { node, answers } = nodeWith({
    '/containers/json?all=1': [{ Id: 'old', State: 'running' }],
    '/containers/old/json': { RestartCount: 3 },
  });
  const engine = new NodeEngine(node);
  engine.want(['containers']);
  node.engineNews.emit({ type: 'told' });
  await soon();
  answers['/containers/old/json'] = { RestartCount: 0 };
  node.engineNews.emit(event('container', 'start', 'old'));
  await soon();
  expect(engine.restarts).toEqual({ old: 0 });
});

test('containers are looked at after a line, while their networks are shown', async () => {
  const { node, asked } = nodeWith({ '/containers/json?all=1': [], '/networks': [] });
  const engine = new NodeEngine(node);
  engine.want(['containers']);
  node.engineNews.emit({ type: 'told' });
  await soon();
  asked.length = 0;
  node.lines.emit();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toEqual([]);
  engine.want(['networks']);
  await soon();
  asked.length = 0;
  node.lines.emit();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toEqual(['/containers/json?all=1']);
});

test('layers of an image are read once', async () => {
  const { node, asked } = nodeWith({
    '/images/json': [{ Id: 'sha256:a' }],
    '/images/sha256:a/json': { RootFS: { Layers: ['sha256:1', 'sha256:2'] } },
  });
  const engine = new NodeEngine(node);
  engine.want(['images']);
  node.engineNews.emit({ type: 'told' });
  await soon();
  node.engineNews.emit(event('image', 'tag'));
  await soon();
  expect(asked).toEqual(['/images/json', '/images/sha256:a/json', '/images/json']);
  expect(engine.layers['sha256:a']).toEqual(['sha256:1', 'sha256:2']);
});

test('tasks on their way are looked at, more and more seldom, until they are settled', async () => {
  const task = (State: string) => [{ ID: 't', DesiredState: 'running', Status: { State } }];
  const { node, asked, answers } = nodeWith({ '/tasks': task('preparing') });
  const engine = new NodeEngine(node);
  engine.want(['tasks']);
  node.engineNews.emit({ type: 'told' });
  await vi.advanceTimersByTimeAsync(30_000);
  const looks = asked.length;
  expect(looks).toBeGreaterThan(3);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked.length - looks, 'one that waits for a node costs little').toBeLessThan(15);
  answers['/tasks'] = task('running');
  engine.refreshSwarm();
  await soon();
  expect(engine.lists.tasks).toMatchObject([{ Status: { State: 'running' } }]);
  await vi.advanceTimersByTimeAsync(20_000);
  asked.length = 0;
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked).toEqual([]);
});

test('a node that is no manager is asked for one list of the swarm, and a new one for all of them', async () => {
  const { node, asked, answers } = nodeWith({});
  const engine = new NodeEngine(node);
  engine.want(['services', 'tasks', 'members']);
  node.engineNews.emit({ type: 'told' });
  await soon();
  expect(asked).toEqual(['/services']);
  Object.assign(answers, { '/services': [], '/tasks': [], '/nodes': [] });
  node.engineNews.emit(event('network', 'create', 'n', { name: 'ingress' }));
  await soon();
  expect(asked.slice(1)).toEqual(['/services', '/tasks', '/nodes']);
});

test('events of a task are news of the swarm, for its managers', () => {
  const { node } = nodeWith({});
  const engine = new NodeEngine(node);
  const news = vi.fn();
  engine.swarmNews.add(news);
  node.engineNews.emit(event('container', 'start', 'c'));
  node.engineNews.emit(event('network', 'create', 'n', { name: 'bridge2' }));
  expect(news).not.toHaveBeenCalled();
  node.engineNews.emit(event('container', 'start', 'c', { 'com.docker.swarm.task.id': 't' }));
  node.engineNews.emit(event('service', 'update', 's'));
  node.engineNews.emit(event('network', 'create', 'n', { name: 'ingress' }));
  expect(news).toHaveBeenCalledTimes(3);
});

test('one that ends has nothing any more, and one that does not answer is asked again', async () => {
  const { node, asked } = nodeWith({ '/networks': [{ Id: 'a', Name: 'a' }] });
  const engine = new NodeEngine(node);
  engine.want(['networks']);
  node.askEngine.mockRejectedValueOnce(new DrydockError('timeout', 'no answer'));
  node.engineNews.emit({ type: 'told' });
  await soon();
  expect(engine.lists.networks).toEqual([]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(engine.lists.networks).toHaveLength(1);
  node.engineNews.emit({ type: 'lost' });
  expect(engine.lists.networks).toEqual([]);
  expect(engine.reach).toBe('lost');
  asked.length = 0;
  node.engineNews.emit(event('network', 'create'));
  await soon();
  expect(asked).toEqual([]);
});

test('an answer that makes no sense changes nothing, and is not asked for again and again', async () => {
  const { node, asked } = nodeWith({ '/networks': [{ Name: 1 }] });
  const engine = new NodeEngine(node);
  engine.want(['networks']);
  node.engineNews.emit({ type: 'told' });
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked).toEqual(['/networks']);
  expect(engine.lists.networks).toEqual([]);
});
