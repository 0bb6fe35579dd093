import { describe, expect, it } from 'vitest';
import { PLACE } from './testing.ts';
import type { MomentSummary, SessionSummary } from './summary.ts';
import { findSession, wayBack, type BeginRequest } from './way-back.ts';

const moment: MomentSummary = {
  id: 'm',
  at: 10,
  kind: 'latest',
  label: '',
  place: PLACE,
  pause: 0,
  bytes: 1,
  running: true,
  nodes: ['node1'],
};

function session(more: Partial<SessionSummary> = {}): SessionSummary {
  return {
    id: 's',
    name: 'Test',
    created: 1,
    saved: 10,
    used: 5,
    place: PLACE,
    machineId: 1,
    at: 'm',
    bytes: 1,
    build: 'build',
    nodes: [
      { name: 'node1', profile: 'standard' },
      { name: 'node2', profile: 'small' },
    ],
    running: 10,
    journal: 'empty',
    moments: [moment],
    lines: [],
    ...more,
  };
}

const fresh: Partial<SessionSummary> = { at: undefined, running: undefined, moments: [], used: 0 };
const request = { how: undefined, profile: 'standard' } as const;

describe('a session', () => {
  it.each<[string, string, Partial<SessionSummary>, boolean]>([
    ['that was saved whole', 'continue', {}, true],
    ['whose disks were written by themselves since', 'continue', { journal: 'written', used: 9 }, true],
    ['in which something was done since', 'ask', { journal: 'written', used: 11 }, true],
    ['that boots', 'ask', { running: undefined }, true],
    ['of another release', 'ask', {}, false],
    ['in which nothing was done', 'fresh', fresh, true],
    ['in which nothing was done, but by the machine', 'new', { ...fresh, journal: 'written' }, true],
    ['in which nothing was done, of another release', 'new', fresh, false],
    ['that was reset', 'fresh', { ...fresh, used: 9, moments: [moment] }, true],
    ['that was reset, of another release', 'ask', { ...fresh, used: 9, moments: [moment] }, false],
    ['of a crash before it was saved', 'ask', { ...fresh, used: 9, journal: 'written' }, true],
    [
      'with more memory than is asked for',
      'new',
      { ...fresh, nodes: [{ name: 'node1', profile: 'small' }] },
      true,
    ],
  ])('%s: %s', (_, way, more, fits) => {
    expect(wayBack(session(more), fits, request)).toBe(way);
  });

  it('comes back as the user has answered, if that can be', () => {
    const crashed = session({ journal: 'written', used: 11 });
    expect(wayBack(crashed, true, { ...request, how: 'continue' })).toBe('continue');
    expect(wayBack(crashed, true, { ...request, how: 'boot' })).toBe('boot');
    expect(wayBack(crashed, false, { ...request, how: 'boot' })).toBe('boot');
    expect(wayBack(crashed, false, { ...request, how: 'continue' })).toBe('ask');
    expect(wayBack(crashed, true, { ...request, how: 'take-over' })).toBe('ask');
  });
});

describe('which session is gone on with', () => {
  const lesson = session({ id: 'lesson', place: { lesson: 'networks', title: 'Networks' } });
  const all = [session({ id: 'newer' }), session({ id: 'older' }), lesson];
  const begin: BeginRequest = {
    ...request,
    place: PLACE,
    machineId: 1,
    id: undefined,
    tab: undefined,
  };
  it.each<[string, string | undefined, Partial<BeginRequest>]>([
    ['the one of the tab', 'older', { tab: 'older' }],
    ['the one of the tab, wherever the tab is', 'lesson', { tab: 'lesson' }],
    ['the last one of the place', 'newer', { tab: 'gone' }],
    ['the one of the lesson', 'lesson', { place: lesson.place }],
    ['none in another lesson', undefined, { place: { lesson: 'volumes', title: 'Volumes' } }],
    ['the one that is asked for', 'lesson', { id: 'lesson', tab: 'older' }],
    ['no other than that', undefined, { id: 'gone', tab: 'older' }],
    ['none for a fresh machine', undefined, { how: 'fresh', tab: 'older' }],
  ])('%s: %s', (_, id, more) => {
    expect(findSession(all, { ...begin, ...more })?.id).toBe(id);
  });
});
