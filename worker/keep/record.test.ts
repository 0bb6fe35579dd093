import { expect, it } from 'vitest';
import type { NodeName } from '../net/lan.ts';
import { freshNode } from './changes.ts';
import { parseRecord } from './parse-record.ts';
import {
  lineage,
  nodeLineage,
  recordFiles,
  type KeptFile,
  type KeptMemory,
  type Moment,
  type NodeJournal,
  type NodeMoment,
  type SessionRecord,
} from './record.ts';
import { summarise } from './summary.ts';
import { MACHINE, PLACE } from './testing.ts';
import { isTree } from './tree.ts';

const file = (name: string, bytes = 10) => ({ name, bytes, plain: 20 });
const uuid = (digit: string): string => `${digit.repeat(8)}-0000-0000-0000-000000000000`;
const [A, B, C] = ['a', 'b', 'c'].map(uuid) as [string, string, string];

function memory(id: string, whole = false): KeptMemory {
  return { whole, pages: [file(`p${id[0]}`)], core: [], state: file(`s${id[0]}`), screens: ['a\r\nb'] };
}

function disk(
  id: string,
  base: NodeMoment['base'] = 'parent',
): Pick<NodeMoment, 'profile' | 'base' | 'blocks'> {
  return { profile: 'standard', base, blocks: [file(`d${id[0]}`)] };
}

function running(id: string, base?: NodeMoment['base']): NodeMoment {
  return { ...disk(id, base), state: 'running', memory: memory(id) };
}

function moment(id: string, parent?: string, more: Partial<Moment> = {}): Moment {
  const nodes = { node1: running(id, parent === undefined ? 'release' : 'parent') };
  return { id, parent, at: 1, kind: 'checkpoint', label: id, place: PLACE, pause: 0, nodes, ...more };
}

const after = (blocks: KeptFile[] = []): NodeJournal => ({
  ...freshNode('standard'),
  base: 'parent',
  blocks,
});

function record(moments: Moment[], at?: string, more: Partial<SessionRecord> = {}): SessionRecord {
  const times = { created: 1, saved: 2, used: 3 };
  const about = {
    format: 2 as const,
    id: uuid('f'),
    name: 'Test',
    machineId: 1,
    place: PLACE,
    machine: MACHINE,
  };
  const journal = { node1: at === undefined ? freshNode('standard') : after() };
  return { ...about, ...times, moments, at, journal, ...more };
}

it('leads from the release to a moment', () => {
  const { moments } = record([moment(C, B), moment(A), moment(B, A)]);
  expect(lineage({ moments }, C).map(({ id }) => id)).toEqual([A, B, C]);
  expect(lineage({ moments }, undefined)).toEqual([]);
  expect(lineage({ moments }, uuid('e'))).toEqual([]);
});

it('comes to an end where moments are each other’s parents', () => {
  expect(lineage(record([moment(A, B), moment(B, A)]), A).length).toBeLessThanOrEqual(3);
  expect(lineage(record([moment(A, A)]), A).length).toBeLessThanOrEqual(2);
});

it.each<[string, boolean, SessionRecord]>([
  ['nothing', true, record([])],
  ['a line', true, record([moment(A), moment(B, A), moment(C, B, { kind: 'latest' })], C)],
  ['two branches', true, record([moment(A), moment(B, A), moment(C, A)], B)],
  ['a cycle', false, record([moment(A, B), moment(B, A)], A)],
  ['its own parent', false, record([moment(A, A)], A)],
  ['a way into a cycle', false, record([moment(A, B), moment(B, C), moment(C, B)], A)],
  ['a parent that is gone', false, record([moment(B, A)], B)],
  ['one id twice', false, record([moment(A), moment(A)], A)],
  ['machines that go on from nowhere', false, record([moment(A)], B)],
  ['what is saved by itself aside', false, record([moment(A), moment(B, A, { kind: 'latest' })], A)],
  ['something after that', false, record([moment(A, undefined, { kind: 'latest' }), moment(B, A)], A)],
  [
    'a node that comes and goes',
    true,
    record(
      [
        moment(A, undefined, { nodes: { node3: running(A, 'release') } }),
        moment(B, A, { nodes: { node1: running(B, 'release') } }),
        moment(C, B, { nodes: { node1: running(C), node3: running(C, 'release') } }),
      ],
      B,
      { journal: { node1: after(), node2: freshNode('small') } },
    ),
  ],
  [
    'a node that was reset, one that is off, and one that booted',
    true,
    record([
      moment(A, undefined, {
        nodes: {
          node1: running(A, 'release'),
          node2: { ...disk(A, 'release'), state: 'off' },
          node3: { ...disk(A, 'release'), state: 'crashed' },
        },
      }),
      moment(B, A, {
        nodes: {
          node1: running(B, 'release'),
          node2: { ...disk(B), state: 'off' },
          node3: { ...disk(B), state: 'running', memory: memory(B, true) },
        },
      }),
    ]),
  ],
  [
    'a node that is relative to none',
    false,
    record([moment(A), moment(B, A, { nodes: { node2: running(B) } })]),
  ],
  [
    'a root that is relative to another',
    false,
    record([moment(A, undefined, { nodes: { node1: running(A) } })]),
  ],
  ['a journal of a node that there was not', false, record([moment(A)], A, { journal: { node2: after() } })],
  ['a journal that is relative to nothing', false, record([], undefined, { journal: { node1: after() } })],
  [
    'a machine that changed its size',
    false,
    record([moment(A)], A, { journal: { node1: { ...after(), profile: 'small' } } }),
  ],
  [
    'memory relative to a disk',
    false,
    record([
      moment(A, undefined, { nodes: { node1: { ...disk(A, 'release'), state: 'off' } } }),
      moment(B, A),
    ]),
  ],
])('a record with %s hangs together: %s', (_, whole, of) => {
  expect(isTree(of)).toBe(whole);
});

it('has of a node what follows its last beginning', () => {
  const line = record(
    [
      moment(A),
      moment(B, A, { nodes: { node1: running(B), node2: running(B, 'release') } }),
      moment(C, B, { nodes: { node1: running(C, 'release'), node2: running(C) } }),
    ],
    C,
    { journal: { node1: after(), node2: after(), node3: freshNode('small') } },
  );
  const names = (node: NodeName) => nodeLineage(line, node).map(({ blocks: [first] }) => first?.name);
  expect(names('node1')).toEqual(['dc']);
  expect(names('node2')).toEqual(['db', 'dc']);
  expect(names('node3')).toEqual([]);
  expect(names('node4')).toEqual([]);
});

it('counts a file that moments share once', () => {
  const shared = record([moment(A), { ...moment(B, A), nodes: moment(A).nodes }], B);
  expect(recordFiles(shared).map(({ name }) => name)).toEqual(['da', 'pa', 'sa']);
  expect(summarise(shared).bytes).toBe(30);
});

it('is summarised for a page', () => {
  const crashed: NodeMoment = { ...disk(B), blocks: [file('db', 5)], state: 'crashed' };
  const off = moment(B, A, { at: 0, nodes: { node1: crashed } });
  const summary = summarise(record([moment(A), off], A, { journal: { node1: after([file('j')]) } }));
  expect(summary).toMatchObject({
    bytes: 45,
    nodes: [{ name: 'node1', profile: 'standard' }],
    running: 1,
    journal: 'written',
    lines: ['a', 'b'],
    at: A,
  });
  expect(summary.moments.map(({ id, bytes, running }) => [id, bytes, running])).toEqual([
    [B, 5, false],
    [A, 30, true],
  ]);
  expect(summarise(record([off], B))).toMatchObject({ running: undefined, journal: 'empty', lines: [] });
});

it('goes on where each node runs, is off, or is fresh', () => {
  const nodes = { node1: running(A, 'release'), node2: { ...disk(A, 'release'), state: 'off' } } as const;
  const journal = { node3: freshNode('small'), node1: after(), node2: after() };
  const summary = summarise(record([moment(A, undefined, { nodes })], A, { journal }));
  expect(summary.running).toBe(1);
  expect(summary.nodes.map(({ name, profile }) => `${name} ${profile}`)).toEqual([
    'node1 standard',
    'node2 standard',
    'node3 small',
  ]);
  expect(summary.moments[0]).toMatchObject({ running: true, nodes: ['node1', 'node2'] });
  const crashed = { ...nodes, node2: { ...disk(A, 'release'), state: 'crashed' } } as const;
  expect(
    summarise(record([moment(A, undefined, { nodes: crashed })], A, { journal })).running,
  ).toBeUndefined();
});

it.each<[string, string, unknown]>([
  ['nothing', 'session-gone', undefined],
  ['something else', 'damaged-file', { hello: 1 }],
  ['another version', 'wrong-release', { format: 3 }],
  ['the first version, and nothing in it', 'damaged-file', { format: 1 }],
  ['more in it', 'damaged-file', { ...record([]), extra: 1 }],
  [
    'a name that leads elsewhere',
    'damaged-file',
    record([], undefined, { journal: { node1: after([file('../other/secret')]) } }),
  ],
  [
    'a file of a release that leads elsewhere',
    'damaged-file',
    {
      ...record([]),
      machine: { ...MACHINE, overlays: { standard: { path: '//evil/x', bytes: 1, sha256: 'a'.repeat(64) } } },
    },
  ],
  ['a time that is none', 'damaged-file', { ...record([]), saved: 1e300 }],
])('a record with %s is refused as %s', (_, code, stored) => {
  expect(() => parseRecord(stored)).toThrow(expect.objectContaining({ code }));
  expect(parseRecord(record([moment(A)], A))).toEqual(record([moment(A)], A));
});
