import { describe, expect, it } from 'vitest';
import {
  ancestorsOf,
  faultOfName,
  isSoundPath,
  isVital,
  isWithin,
  join,
  moved,
  nameOf,
  parentOf,
  visibleName,
} from './paths.ts';

describe('paths', () => {
  it('are taken apart and put together', () => {
    expect(parentOf('/root/a b')).toBe('/root');
    expect(parentOf('/root')).toBe('/');
    expect(parentOf('/')).toBe('/');
    expect(nameOf('/root/a b')).toBe('a b');
    expect(nameOf('/')).toBe('/');
    expect(join('/', 'etc')).toBe('/etc');
    expect(join('/etc', 'hosts')).toBe('/etc/hosts');
    expect(ancestorsOf('/a/b/c')).toEqual(['/', '/a', '/a/b']);
    expect(ancestorsOf('/a')).toEqual(['/']);
    expect(ancestorsOf('/')).toEqual([]);
  });

  it('are within folders, not within those whose names begin alike', () => {
    expect(isWithin('/ab/c', '/ab')).toBe(true);
    expect(isWithin('/ab', '/ab')).toBe(true);
    expect(isWithin('/abc', '/ab')).toBe(false);
    expect(isWithin('/abc', '/')).toBe(true);
    expect(moved('/a/b/c', '/a/b', '/a/d')).toBe('/a/d/c');
    expect(moved('/a/b', '/a/b', '/a/d')).toBe('/a/d');
  });

  it('are sound if absolute and canonical', () => {
    for (const path of ['/', '/a', '/a/.b/..c', '/a\n"\'b']) expect(isSoundPath(path), path).toBe(true);
    for (const path of ['', 'a', '/a/', '//a', '/a/..', '/../a', '/a/./b', '/a\0b', `/${'ä/'.repeat(2000)}b`])
      expect(isSoundPath(path), path).toBe(false);
  });

  it('are vital where the machine needs them', () => {
    for (const path of ['/', '/usr', '/etc', '/root']) expect(isVital(path), path).toBe(true);
    for (const path of ['/srv', '/home', '/usr/share', '/rootless']) expect(isVital(path), path).toBe(false);
  });
});

it('names that no file can have are refused with words', () => {
  for (const name of ['', '.', '..', 'a/b', 'a\0b', 'ä'.repeat(128)]) expect(faultOfName(name)).toBeTruthy();
  for (const name of ['a', '...', ' ', 'a\nb', 'ä'.repeat(127)]) expect(faultOfName(name)).toBeUndefined();
});

it('a name is shown on one line, from the left to the right', () => {
  expect(visibleName('a\nb\tc')).toBe('a␊b␉c');
  expect(visibleName('photo_\u202egnp.exe')).toBe('photo_␦gnp.exe');
  expect(visibleName('Größe 5 “x”')).toBe('Größe 5 “x”');
});
