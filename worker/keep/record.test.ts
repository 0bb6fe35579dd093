import { expect, it } from 'vitest';
import { parseRecord } from './keeper.ts';
import { lineage, recordFiles, summarise, type Moment, type SessionRecord } from './record.ts';
import { MACHINE, PLACE } from './testing.ts';
import { isTree } from './tree.ts';

const file = (name: string, bytes = 10) => ({ name, bytes, plain: 20 });
const uuid = (digit: string): string => `${digit.repeat(8)}-0000-0000-0000-000000000000`;
const [A, B, C] = ['a', 'b', 'c'].map(uuid) as [string, string, string];

function moment(id: string, parent?: string, more: Partial<Moment> = {}): Moment {
  const memory = {
    whole: false,
    pages: [file(`p${id[0]}`)],
    core: [],
    state: file(`s${id[0]}`),
    screens: ['a\r\nb'],
  };
  const nodes = [{ blocks: [file(`d${id[0]}`)], memory }];
  return { id, parent, at: 1, kind: 'checkpoint', label: id, place: PLACE, pause: 0, nodes, ...more };
}

function record(moments: Moment[], at?: string): SessionRecord {
  const times = { created: 1, saved: 2, used: 3 };
  const about = {
    format: 1 as const,
    id: uuid('f'),
    name: 'Test',
    machineId: 1,
    place: PLACE,
    machine: MACHINE,
  };
  return { ...about, ...times, moments, at, journal: [[]] };
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
    'more machines than the session',
    false,
    record([moment(A, undefined, { nodes: [{ blocks: [] }, { blocks: [] }] })]),
  ],
])('a record with %s hangs together: %s', (_, whole, of) => {
  expect(isTree(of)).toBe(whole);
});

it('counts a file that moments share once', () => {
  const shared = record([moment(A), { ...moment(B, A), nodes: moment(A).nodes }], B);
  expect(recordFiles(shared).map(({ name }) => name)).toEqual(['da', 'pa', 'sa']);
  expect(summarise(shared).bytes).toBe(30);
});

it('is summarised for a page', () => {
  const disk = moment(B, A, { at: 0, nodes: [{ blocks: [file('db', 5)] }] });
  const summary = summarise({ ...record([moment(A), disk], A), journal: [[file('j')]] });
  expect(summary).toMatchObject({
    bytes: 45,
    nodes: 1,
    running: 1,
    journal: 'written',
    lines: ['a', 'b'],
    at: A,
  });
  expect(summary.moments.map(({ id, bytes, running }) => [id, bytes, running])).toEqual([
    [B, 5, false],
    [A, 30, true],
  ]);
  expect(summarise(record([disk], B))).toMatchObject({ running: undefined, journal: 'empty', lines: [] });
});

it.each<[string, string, unknown]>([
  ['nothing', 'session-gone', undefined],
  ['something else', 'damaged-file', { hello: 1 }],
  ['another version', 'wrong-release', { format: 2 }],
  ['more in it', 'damaged-file', { ...record([]), extra: 1 }],
  ['a name that leads elsewhere', 'damaged-file', { ...record([]), journal: [[file('../other/secret')]] }],
  [
    'a file of a release that leads elsewhere',
    'damaged-file',
    { ...record([]), machine: { ...MACHINE, overlay: { ...MACHINE.overlay, path: '//evil/x' } } },
  ],
  ['a time that is none', 'damaged-file', { ...record([]), saved: 1e300 }],
])('a record with %s is refused as %s', (_, code, stored) => {
  expect(() => parseRecord(stored)).toThrow(expect.objectContaining({ code }));
  expect(parseRecord(record([moment(A)], A))).toEqual(record([moment(A)], A));
});
