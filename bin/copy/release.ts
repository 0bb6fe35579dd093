/**
 * The machine of a copy: the files of a release that the copy needs, with a catalogue of its own and a manifest that
 * names it. It stays the same build: whatever was made with the whole release fits the part.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { place } from '../../images/catalogue/write.ts';
import { parseCatalogue, type Catalogue } from '../../worker/hub/catalogue.ts';
import { filesOf } from '../../worker/hub/offline-files.ts';
import type { ProfileName } from '../../worker/protocol.ts';
import type { ReleaseFile } from '../../worker/release-file.ts';
import { parseManifest, type Manifest } from '../../worker/vm/release.ts';

/** Where the chunks of the disk lie in a release. */
const CHUNKS = 'chunks';

export interface Release {
  folder: string;
  manifest: Manifest;
  catalogue: Catalogue;
}

/** Reads the release in `folder`. @throws DrydockError when it does not fit this version */
export function openRelease(folder: string): Release {
  const manifest = parseManifest(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const catalogue = parseCatalogue(readFileSync(join(folder, manifest.catalogue.path), 'utf8'));
  return { folder, manifest, catalogue };
}

/** Writes the part of `release` with these profiles and this catalogue into `output`. */
export async function writeRelease(
  { folder, manifest }: Pick<Release, 'folder' | 'manifest'>,
  { catalogue, profiles }: { catalogue: Catalogue; profiles: readonly ProfileName[] },
  output: string,
): Promise<void> {
  const part: Manifest = {
    ...manifest,
    profiles: manifest.profiles.filter(({ name }) => profiles.includes(name)),
    catalogue: writeCatalogue(catalogue, output),
  };
  const blobs = filesOf(catalogue, { of: 'everything' }).keys();
  for (const path of [...chunkPaths(folder), ...machinePaths(part), ...blobs])
    put(join(folder, path), join(output, path));
  for (const { state } of part.profiles) {
    put(join(folder, `${state.modules.path}.br`), join(output, `${state.modules.path}.br`));
    await addGzip(join(output, state.modules.path));
  }
  const text = JSON.stringify(part, null, 2);
  parseManifest(text);
  writeFileSync(join(output, 'manifest.json'), text);
}

/** Paths of what a manifest names, without the catalogue and the chunks of the disk. */
function machinePaths({ engine, disk, boot, profiles }: Manifest): string[] {
  const { bios, vgaBios, kernel } = boot;
  const saved = profiles.flatMap(({ state, overlay, pack }) => {
    const { devices, memory, core, modules } = state;
    return [devices, ...memory, core, modules, overlay, pack];
  });
  return [engine, disk.index, bios, vgaBios, kernel, ...saved].map(({ path }) => path);
}

/** Paths of the chunks of the disk. */
function chunkPaths(folder: string): string[] {
  return readdirSync(join(folder, CHUNKS), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.zst'))
    .map((path) => join(CHUNKS, path));
}

function writeCatalogue(catalogue: Catalogue, output: string): ReleaseFile {
  const text = Buffer.from(JSON.stringify(catalogue));
  parseCatalogue(text.toString());
  const sha256 = createHash('sha256').update(text).digest('hex');
  const path = `files/catalogue-${sha256.slice(0, 12)}.json`;
  mkdirSync(join(output, dirname(path)), { recursive: true });
  writeFileSync(join(output, path), text);
  return { path, bytes: text.length, sha256 };
}

function put(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  place(from, to);
}

/** Beside a file the same for browsers that take gzip only: all do so over plain HTTP but on localhost. */
async function addGzip(file: string): Promise<void> {
  writeFileSync(`${file}.gz`, await promisify(gzip)(readFileSync(file), { level: 9 }));
}
