/**
 * Images of a real registry come into the catalogue as they are there. The registry is Debian's docker-registry on this
 * host, which answers in the place of Docker Hub by skopeo's own configuration.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  findDigest,
  importStep,
  parseReference,
  readImported,
  readLock,
  SKOPEO,
  writeLock,
} from '../../images/catalogue/import.ts';
import { readRecipes } from '../../images/catalogue/recipe.ts';
import { writeCatalogue } from '../../images/catalogue/write.ts';
import { installPackages, missingPackages } from '../../images/host/debian-packages.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const sha256 = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

let folder: string;
let registry: ChildProcess;
/** Of the image for linux/386 that is `tool:1` in the registry. */
let digest: string;

/** An OCI layout with one image for each platform, all in one index where there are several. */
function layout(name: string, platforms: string[]): { path: string; digests: string[] } {
  const path = join(folder, name);
  mkdirSync(join(path, 'blobs/sha256'), { recursive: true });
  const add = (value: unknown) => {
    const content = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
    writeFileSync(join(path, 'blobs', sha256(content).replace(':', '/')), content);
    return { digest: sha256(content), size: content.length };
  };
  const manifests = platforms.map((platform) => {
    const [os = '', architecture = ''] = platform.split('/');
    const tar = Buffer.alloc(10240);
    const config = add({
      os,
      architecture,
      config: { Labels: { 'org.opencontainers.image.licenses': 'MIT' } },
      rootfs: { type: 'layers', diff_ids: [sha256(tar)] },
    });
    const layer = add(gzipSync(tar));
    const manifest = add({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...layer }],
    });
    return { mediaType: MANIFEST, ...manifest, platform: { os, architecture } };
  });
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests };
  writeFileSync(join(path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const top = platforms.length > 1 ? { mediaType: index.mediaType, ...add(index) } : manifests[0];
  writeFileSync(join(path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [top] }));
  return { path, digests: manifests.map((manifest) => manifest.digest) };
}

beforeAll(async () => {
  await installPackages(
    missingPackages({ ...SKOPEO, 'docker-registry': 'docker-registry' }),
    () => undefined,
  );
  folder = mkdtempSync(join(tmpdir(), 'drydock-import-'));
  const port = await freePort();
  const config = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: join(folder, 'store') } },
    http: { addr: `127.0.0.1:${port}` },
  };
  writeFileSync(join(folder, 'registry.yml'), JSON.stringify(config));
  registry = spawn('docker-registry', ['serve', join(folder, 'registry.yml')], { stdio: 'ignore' });
  await vi.waitUntil(
    () =>
      fetch(`http://127.0.0.1:${port}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      ),
    { timeout: 30_000 },
  );

  // skopeo's configuration of this user: Docker Hub is that registry.
  mkdirSync(join(folder, '.config/containers'), { recursive: true });
  writeFileSync(
    join(folder, '.config/containers/registries.conf'),
    `[[registry]]\nprefix = "docker.io"\nlocation = "127.0.0.1:${port}"\ninsecure = true\n`,
  );
  vi.stubEnv('HOME', folder);
  vi.stubEnv('XDG_CONFIG_HOME', join(folder, '.config'));

  const push = (name: string, platforms: string[]): string[] => {
    const { path, digests } = layout(name, platforms);
    const target = `docker://127.0.0.1:${port}/library/${name}:1`;
    execFileSync('skopeo', ['copy', '--all', '--dest-tls-verify=false', `oci:${path}`, target], {
      stdio: 'pipe',
    });
    return digests;
  };
  digest = push('tool', ['linux/amd64', 'linux/386'])[1] ?? '';
  push('large-only', ['linux/amd64', 'linux/arm64']);
  push('plain-amd64', ['linux/amd64']);
  push('plain-386', ['linux/386']);
}, 300_000);

afterAll(() => {
  registry.kill();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test('finds the variant for linux/386 in a list, and an image that is only for it', async () => {
  expect(await findDigest(parseReference('tool:1'))).toBe(digest);
  expect(await findDigest(parseReference('plain-386:1'))).toMatch(/^sha256:/);
});

test.each([
  ['large-only:1', /large-only:1 exists for no 386.*linux\/amd64, linux\/arm64/],
  ['plain-amd64:1', /plain-amd64:1 exists for no 386.*linux\/amd64/],
  ['plain-amd64:2', /manifest unknown/],
])('says of %s why it cannot be had', async (reference, message) => {
  await expect(findDigest(parseReference(reference))).rejects.toThrow(message);
});

test('brings exactly what the lock file names into the catalogue', async () => {
  const reference = 'docker.io/library/tool:1';
  const lockFile = join(folder, 'import.lock.json');
  writeLock(new Map([[reference, digest]]), lockFile);
  const pinned = readLock(lockFile).get(reference) ?? '';
  const copy = importStep(reference, pinned);
  copy.forget();
  await copy.build(() => undefined);
  const image = readImported(reference, copy.output);
  const output = join(folder, 'catalogue');
  mkdirSync(output);
  const { repositories } = readRecipes();
  const catalogue = writeCatalogue({ repositories, built: [], imported: [image] }, output);
  copy.forget();
  const [found] = catalogue.repositories;
  expect(found).toMatchObject({ name: 'docker.io/library/tool', origin: 'imported', licences: ['MIT'] });
  expect(found?.tags['1']?.digest).toBe(digest);
  for (const needed of [digest, ...(found?.tags['1']?.blobs ?? [])]) {
    const content = readFileSync(join(output, 'blobs', needed.replace('sha256:', '')));
    expect(sha256(content)).toBe(needed);
  }
});

test('does not take another image for the pinned one', async () => {
  const copy = importStep('docker.io/library/tool:1', `sha256:${'0'.repeat(64)}`);
  await expect(copy.build(() => undefined)).rejects.toThrow(/manifest unknown|unknown/);
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
