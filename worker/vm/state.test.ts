import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { expect, it, vi } from 'vitest';
import type { ReleaseFile } from '../release-file.ts';
import type { SavedState } from './release.ts';
import { verify, type FileSource } from './source.ts';
import { StateDownload } from './state.ts';

const compress = (input: string): Buffer =>
  execFileSync('zstd', ['-q', `--stream-size=${input.length}`, '-c'], { input });
const content = new Map(
  ['devices', 'core', 'memory-0', 'memory-1', 'overlay'].map((path) => [
    path,
    new Uint8Array(compress(`the bytes of ${path}`)),
  ]),
);
const file = (path: string): ReleaseFile => {
  const bytes = content.get(path) ?? new Uint8Array();
  return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
};
const saved: SavedState = {
  devices: file('devices'),
  core: file('core'),
  modules: file('modules'),
  memory: [file('memory-0'), file('memory-1')],
};
const overlay = file('overlay');
const source: FileSource = {
  async read(path, options) {
    const bytes = await verify(path, content.get(path) ?? new Uint8Array(), options?.expected);
    options?.onProgress?.(bytes.length);
    return bytes;
  },
};

it('fills the memory part by part, gives the state of the devices, and tells how much has arrived', async () => {
  const fillMemory = vi.fn();
  const download = new StateDownload(source, { state: saved, overlay });
  const progress: number[] = [];
  download.onProgress = () => progress.push(download.loadedBytes);
  const devices = await download.fill({ fillMemory });
  expect(new TextDecoder().decode(devices)).toBe('the bytes of devices');
  const inAnyOrder = new Set(fillMemory.mock.calls.flat());
  expect(inAnyOrder).toEqual(new Set([content.get('memory-0'), content.get('memory-1')]));
  expect(new TextDecoder().decode(await download.core())).toBe('the bytes of core');
  expect(new TextDecoder().decode(await download.overlay())).toBe('the bytes of overlay');
  expect(progress.at(-1)).toBe(download.totalBytes);
});

it('puts nothing damaged into the memory', async () => {
  const wrong = { ...saved, memory: [{ ...file('memory-0'), sha256: file('memory-1').sha256 }] };
  const fillMemory = vi.fn();
  const download = new StateDownload(source, { state: wrong, overlay });
  await expect(download.fill({ fillMemory })).rejects.toMatchObject({
    code: 'damaged-file',
    details: { path: 'memory-0' },
  });
  expect(fillMemory).not.toHaveBeenCalled();
});
