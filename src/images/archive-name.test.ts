import { expect, test } from 'vitest';
import { archiveName, nameOfArchive } from './archive-name.ts';

test('an archive is named after its image', () => {
  expect(archiveName('docker.io/library/nginx', '1.26')).toBe('nginx-1.26.oci.tar');
  expect(archiveName('ghcr.io/acme/tool', 'v1')).toBe('ghcr.io-acme-tool-v1.oci.tar');
  expect(archiveName('docker.io/ann/web', `sha256:${'ab'.repeat(32)}`)).toBe('ann-web-abababababab.oci.tar');
});

test.each([
  ['my-app.oci.tar', 'my-app'],
  ['my.app.tar.gz', 'my.app'],
  ['app.tgz', 'app'],
  ['app', 'app'],
])('%s holds %s', (file, name) => {
  expect(nameOfArchive(file)).toBe(name);
});
