import { expect, it } from 'vitest';
import { familiarName, isName, isTag, parseReference } from './names.ts';

const digest = `sha256:${'a'.repeat(64)}`;

it.each([
  ['nginx', 'docker.io/library/nginx', 'latest'],
  ['nginx:1.26', 'docker.io/library/nginx', '1.26'],
  ['docker.io/nginx', 'docker.io/library/nginx', 'latest'],
  ['index.docker.io/library/nginx', 'docker.io/library/nginx', 'latest'],
  ['anna/web:v1', 'docker.io/anna/web', 'v1'],
  ['ghcr.io/anna/web', 'ghcr.io/anna/web', 'latest'],
  ['localhost:5000/web:v1', 'localhost:5000/web', 'v1'],
  ['localhost/web', 'localhost/web', 'latest'],
  [`nginx:1.26@${digest}`, 'docker.io/library/nginx', digest],
])('reads %s as docker pull does', (text, repository, reference) => {
  expect(parseReference(text)).toMatchObject({ repository, reference });
});

it.each(['', 'NGINX', 'nginx:', 'nginx:-x', 'nginx@sha256:abc', 'a//b', '../x', 'ghcr.io/', '-x', 'a:b:c'])(
  'takes %j for no name',
  (text) => {
    expect(parseReference(text)).toBeUndefined();
  },
);

it('knows the grammar of names and tags', () => {
  expect(['a', 'a/b/c', 'a.b_c__d-e--f/0'].every(isName)).toBe(true);
  expect(['', '/', 'a/', 'A', 'a..b', 'a___b', '.a', 'a'.repeat(256)].some(isName)).toBe(false);
  expect(['v1', 'V1.2-rc_3', '_x', 'x'.repeat(128)].every(isTag)).toBe(true);
  expect(['', '.x', '-x', 'a b', 'x'.repeat(129)].some(isTag)).toBe(false);
});

it('says names as people do', () => {
  expect(familiarName('docker.io/library/nginx')).toBe('nginx');
  expect(familiarName('docker.io/anna/web')).toBe('anna/web');
  expect(familiarName('ghcr.io/anna/web')).toBe('ghcr.io/anna/web');
});
