import { afterEach, expect, test, vi } from 'vitest';
import { randomUuid } from '../../worker/random-uuid.ts';
import { CompanionLink, type LinkState } from './companion-link.ts';
import { CHANNEL_PREFIX, type Role, type Scene, type StageMessage } from './protocol.ts';
import { StageLink } from './stage-link.ts';

const scene: Scene = {
  state: 'on',
  spotlight: 'none',
  several: false,
  commands: [],
  textSize: 22,
};

const open = new Set<{ close: () => void }>();

function close(link: { close: () => void }): void {
  if (open.delete(link)) link.close();
}

afterEach(() => {
  open.forEach(close);
});

/** A window that presents, and what it has heard. */
function stageOn(channelId: string) {
  const heard = { roles: [] as Role[], newcomers: 0, requests: [] as string[], moved: '' };
  const link = new StageLink(channelId, {
    onRoles: (roles) => (heard.roles = [...roles]),
    onNewcomer: () => {
      heard.newcomers++;
      link.post({ type: 'scene', scene });
    },
    onRequest: (request) => heard.requests.push(request),
    onMove: (to) => (heard.moved = to),
  });
  open.add(link);
  return { link, heard };
}

/** A window beside it, and what it has heard. */
function companionOn(channelId: string, role: Role = 'notes') {
  const heard = { states: [] as LinkState[], news: [] as StageMessage['type'][] };
  const link = new CompanionLink(channelId, role, {
    onState: (state) => heard.states.push(state),
    onNews: ({ type }) => heard.news.push(type),
  });
  open.add(link);
  return { link, heard };
}

const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 8000, interval: 20 });

test('a companion is told the scene, and what it asks for is heard', async () => {
  const id = randomUuid();
  const stage = stageOn(id);
  const companion = companionOn(id);
  await eventually(() => {
    expect(companion.heard.states).toEqual(['linked']);
  });
  expect(companion.heard.news[0]).toBe('scene');
  expect(stage.heard.roles).toEqual(['notes']);
  companion.link.ask('next');
  await eventually(() => {
    expect(stage.heard.requests).toEqual(['next']);
  });
  close(companion.link);
  await eventually(() => {
    expect(stage.heard.roles).toEqual([]);
  });
});

test('a companion sees that the window goes, and finds the one that comes', async () => {
  const id = randomUuid();
  const first = stageOn(id);
  const companion = companionOn(id, 'screen');
  await eventually(() => {
    expect(companion.heard.states).toEqual(['linked']);
  });
  close(first.link);
  await eventually(() => {
    expect(companion.heard.states).toEqual(['linked', 'gone']);
  });
  const second = stageOn(id);
  await eventually(() => {
    expect(companion.heard.states).toEqual(['linked', 'gone', 'linked']);
  });
  expect(second.heard.newcomers).toBeGreaterThan(0);
});

test('a duplicated tab moves to a channel of its own', async () => {
  const id = randomUuid();
  const original = stageOn(id);
  const companion = companionOn(id);
  await eventually(() => {
    expect(companion.heard.states).toEqual(['linked']);
  });
  const copy = stageOn(id);
  await eventually(() => {
    expect(copy.heard.moved).not.toBe('');
  });
  expect(copy.link.channelId).toBe(copy.heard.moved);
  expect(original.link.channelId).toBe(id);
  expect(copy.heard.newcomers).toBe(0);
  expect(companion.heard.states).toEqual(['linked']);
});

test('what others send is not believed', async () => {
  const id = randomUuid();
  const stage = stageOn(id);
  const companion = companionOn(id);
  await eventually(() => {
    expect(companion.heard.states).toEqual(['linked']);
  });
  const stranger = new BroadcastChannel(CHANNEL_PREFIX + id);
  open.add(stranger);
  const before = companion.heard.news.length;
  for (const message of [
    null,
    'next',
    { type: 'ask', companion: 'x', request: 'next' },
    { type: 'ask', companion: randomUuid(), request: 'erase' },
    { type: 'scene', stage: randomUuid(), scene: { ...scene, spotlight: '<b>' } },
    { type: 'output', stage: randomUuid(), bytes: new Uint8Array(3) },
  ])
    stranger.postMessage(message);
  companion.link.ask('previous');
  await eventually(() => {
    expect(stage.heard.requests).toEqual(['previous']);
  });
  expect(companion.heard.news.length).toBe(before);
});
