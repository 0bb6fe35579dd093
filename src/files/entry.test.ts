import { describe, expect, it } from 'vitest';
import { parseLooks, stampOf } from './entry.ts';

const record = (...fields: (string | number)[]): string => fields.map((field) => `${field}\0`).join('');
const same = (start: string): string => start;

describe('what find prints', () => {
  it('is read with folders first, then by name', () => {
    const output =
      record('/etc', '', 'd', 4096, '1767225600.0000000000', 755, 0, 0, '') +
      record('/etc', 'file10', 'f', 5, '1767225601.1234567890', 644, 0, 33, '') +
      record('/etc', 'file2', 'f', 7, '1767225602.0', 4755, 1000, 1000, '') +
      record('/etc', 'ssl', 'd', 4096, '1767225600.0', 755, 0, 0, '') +
      record('/etc', 'link', 'l', 9, '1767225600.0', 777, 0, 0, 'ssl/certs') +
      record('/etc', 'pipe', 'p', 0, '1767225600.0', 644, 0, 0, '');
    const look = parseLooks(output, same).get('/etc');
    expect(look?.self).toMatchObject({ path: '/etc', name: 'etc', kind: 'folder' });
    expect(look?.entries.map(({ name, kind }) => [name, kind])).toEqual([
      ['ssl', 'folder'],
      ['file2', 'file'],
      ['file10', 'file'],
      ['link', 'link'],
      ['pipe', 'special'],
    ]);
    expect(look?.entries[2]).toMatchObject({
      path: '/etc/file10',
      mode: 0o644,
      uid: 0,
      gid: 33,
      changed: '1767225601.123456789',
    });
    expect(look?.entries[1]?.mode).toBe(0o4755);
    expect(look?.entries[3]?.target).toBe('ssl/certs');
  });

  it('may have names with quotes, newlines and anything else', () => {
    const name = `a\n"b' $(c)\t\\d`;
    const output =
      record('/', '', 'd', 1, '1.0', 755, 0, 0, '') + record('/', name, 'f', 1, '1.0', 644, 0, 0, '');
    expect(parseLooks(output, same).get('/')?.entries[0]).toMatchObject({ name, path: `/${name}` });
  });

  it('is told by the paths that were asked for', () => {
    const output =
      record('/proc/7/root/', '', 'd', 1, '1.0', 755, 0, 0, '') +
      record('/proc/7/root/', 'etc', 'd', 1, '1.0', 755, 0, 0, '') +
      record('/other', '', 'd', 1, '1.0', 755, 0, 0, '');
    const looks = parseLooks(output, (start) => (start === '/proc/7/root/' ? '/' : undefined));
    expect([...looks.keys()]).toEqual(['/']);
    expect(looks.get('/')?.self.name).toBe('/');
    expect(looks.get('/')?.entries[0]?.path).toBe('/etc');
  });

  it('is refused where it is cut in the middle of a record', () => {
    expect(() => parseLooks('/etc\0\0d\0', same)).toThrow('could not be read');
    expect(() => parseLooks(record('/', '', 'd', 1, '1.0', 755, 0, 0, '').slice(0, -1), same)).toThrow();
  });

  it('of nothing is nothing', () => {
    expect(parseLooks('', same).size).toBe(0);
  });
});

it('a stamp changes with a nanosecond or a byte', () => {
  const stamp = stampOf({ changed: '1.000000001', size: 1 });
  expect(stampOf({ changed: '1.000000002', size: 1 })).not.toBe(stamp);
  expect(stampOf({ changed: '1.000000001', size: 2 })).not.toBe(stamp);
});
