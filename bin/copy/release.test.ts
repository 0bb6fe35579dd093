import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gunzipSync } from 'node:zlib';
import { FolderSource } from '../../worker/node/folder-source.ts';
import { blobFile, type Catalogue } from '../../worker/hub/catalogue.ts';
import type { ReleaseFile } from '../../worker/release-file.ts';
import { DEVICE_SET, V86_VERSION } from '../../worker/vm/emulator.ts';
import { RELEASE_FORMAT, type Manifest } from '../../worker/vm/release.ts';
import { readVerified } from '../../worker/vm/source.ts';
import { openRelease, writeRelease } from './release.ts';

let root: string;

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

/** Writes a file of the release. */
function add(path: string, content: string): ReleaseFile {
  const file = join(root, 'whole', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return { path, bytes: content.length, sha256: sha256(content) };
}

const CONTENTS = { top: 'manifest', layer: 'layer', other: 'another image' };
const digestOf = (content: string): string => `sha256:${sha256(content)}`;
const [top, layer, other] = [CONTENTS.top, CONTENTS.layer, CONTENTS.other].map(digestOf) as [
  string,
  string,
  string,
];

const repository = (name: string, digest: string, blobs: string[]): Catalogue['repositories'][number] => ({
  ...{ name, description: '', about: '', origin: 'own', keywords: [], stars: 0, licences: [] },
  tags: { latest: { digest, blobs } },
});
const box = repository('docker.io/library/box', top, [layer]);
const whole: Catalogue = {
  format: 1,
  repositories: [box, repository('docker.io/library/other', other, [])],
  blobs: Object.fromEntries(
    Object.values(CONTENTS).map((content) => [digestOf(content), { bytes: content.length }]),
  ),
};
const part: Catalogue = {
  ...whole,
  repositories: [box],
  blobs: Object.fromEntries(Object.entries(whole.blobs).filter(([digest]) => digest !== other)),
};

function profile(name: 'standard' | 'small'): Manifest['profiles'][number] {
  const file = (what: string): ReleaseFile => add(`files/${name}-${what}`, `${name} ${what}`);
  add(`files/${name}-modules.wasm.br`, 'br');
  return {
    ...{ name, memoryBytes: 1, consoles: ['', '', ''], overlay: file('overlay'), pack: file('pack') },
    state: {
      ...{ devices: file('devices'), core: file('core') },
      ...{ modules: file('modules.wasm'), memory: [file('memory-0'), file('memory-1')] },
    },
  };
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'drydock-release-'));
  for (const content of Object.values(CONTENTS))
    add(blobFile(digestOf(content), { bytes: content.length }).path, content);
  add('chunks/aa/aa.zst', 'chunk');
  add('files/of-nobody', 'x');
  const manifest: Manifest = {
    ...{ format: RELEASE_FORMAT, v86: V86_VERSION, devices: DEVICE_SET, build: 'b' },
    engine: add('files/engine', 'engine'),
    disk: { bytes: 1, chunkBytes: 1, storedBytes: 1, index: add('files/index', 'index') },
    boot: {
      ...{ bios: add('files/bios', 'bios'), vgaBios: add('files/vga', 'vga') },
      ...{ kernel: add('files/kernel', 'kernel'), commandLine: '' },
    },
    profiles: [profile('standard'), profile('small')],
    catalogue: add('files/catalogue.json', JSON.stringify(whole)),
    software: {},
    firstVisitBytes: 1,
  };
  add('manifest.json', JSON.stringify(manifest));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

const pathsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );

it('has the files that its own manifest names, and nothing else', async () => {
  const output = join(root, 'part');
  await writeRelease(openRelease(join(root, 'whole')), { catalogue: part, profiles: ['standard'] }, output);

  const { manifest, catalogue } = openRelease(output);
  expect(catalogue).toEqual(part);
  expect(manifest.build).toBe('b');
  expect(manifest.profiles.map(({ name }) => name)).toEqual(['standard']);
  await readVerified(new FolderSource(output), manifest.catalogue);
  const { state, overlay, pack } = manifest.profiles[0] ?? expect.fail('no profile');
  const named = [manifest.engine, manifest.disk.index, manifest.boot.bios, manifest.boot.vgaBios];
  const saved = [state.devices, state.core, state.modules, ...state.memory, overlay, pack];
  const files = [...named, manifest.boot.kernel, manifest.catalogue, ...saved].map(({ path }) => path);
  const blobs = [top, layer].map((digest) => blobFile(digest, { bytes: 0 }).path);
  const beside = ['br', 'gz'].map((suffix) => `${state.modules.path}.${suffix}`);
  expect(pathsIn(output).sort()).toEqual(
    ['manifest.json', 'chunks/aa/aa.zst', ...files, ...blobs, ...beside].sort(),
  );
  const zipped = readFileSync(join(output, `${state.modules.path}.gz`));
  expect(gunzipSync(zipped).toString()).toBe('standard modules.wasm');
});

it('can be the whole release, or one without images', async () => {
  const release = openRelease(join(root, 'whole'));
  await writeRelease(release, { catalogue: whole, profiles: ['standard', 'small'] }, join(root, 'all'));
  const all = openRelease(join(root, 'all'));
  expect(all.catalogue).toEqual(whole);
  expect(all.manifest.profiles).toEqual(release.manifest.profiles);
  const none = { ...whole, repositories: [], blobs: {} };
  await writeRelease(release, { catalogue: none, profiles: ['standard'] }, join(root, 'none'));
  expect(openRelease(join(root, 'none')).catalogue.repositories).toEqual([]);
});
