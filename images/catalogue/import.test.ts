import { expect, it } from 'vitest';
import { parseReference } from './import.ts';

it.each([
  ['alpine', 'docker.io/library/alpine', 'latest'],
  ['alpine:3', 'docker.io/library/alpine', '3'],
  ['someone/tool', 'docker.io/someone/tool', 'latest'],
  ['docker.io/alpine:3', 'docker.io/library/alpine', '3'],
  ['localhost:5000/a/b:1.0', 'localhost:5000/a/b', '1.0'],
  ['localhost:5000/a', 'localhost:5000/a', 'latest'],
  ['localhost/a', 'localhost/a', 'latest'],
  ['ghcr.io/a/b-c.d:v1_2', 'ghcr.io/a/b-c.d', 'v1_2'],
])('%s is read as Docker reads it', (text, repository, tag) => {
  expect(parseReference(text)).toEqual({ repository, tag });
});

it.each(['', 'Alpine', 'alpine:', 'alpine@sha256:00', 'a b', '-x --help:1', 'alpine:3:4'])(
  '%j is refused',
  (text) => {
    expect(() => parseReference(text)).toThrow(/no reference/);
  },
);
