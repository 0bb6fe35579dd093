import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { expect, it, vi } from 'vitest';
import type { ReleaseFile, SavedState } from './release.ts';
import type { ReleaseSource } from './source.ts';
import { downloadBytes, readState } from './state.ts';

const compress = (input: string): Buffer =>
  execFileSync('zstd', ['-q', `--stream-size=${input.length}`, '-c'], { input });
const content = new Map(
  ['devices', 'memory-0', 'memory-1'].map((path) => [path, new Uint8Array(compress(`the bytes of ${path}`))]),
);
const file = (path: string): ReleaseFile => {
  const bytes = content.get(path) ?? new Uint8Array();
  return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
};
const saved: SavedState = { devices: file('devices'), memory: [file('memory-0'), file('memory-1')] };
const source: ReleaseSource = {
  read(path, options) {
    const bytes = content.get(path) ?? new Uint8Array();
    options?.onProgress?.(bytes.length);
    return Promise.resolve(bytes);
  },
};

it('fills the memory part by part, gives the state of the devices, and tells how much has arrived', async () => {
  const fillMemory = vi.fn();
  const progress: number[] = [];
  const options = { onProgress: (bytes: number) => progress.push(bytes) };
  const devices = await readState(source, saved, { fillMemory }, options);
  expect(new TextDecoder().decode(devices)).toBe('the bytes of devices');
  expect(fillMemory.mock.calls).toEqual([[content.get('memory-0')], [content.get('memory-1')]]);
  expect(progress.at(-1)).toBe(downloadBytes(saved));
});

it('puts nothing damaged into the memory', async () => {
  const wrong = { ...saved, memory: [{ ...file('memory-0'), sha256: file('memory-1').sha256 }] };
  const fillMemory = vi.fn();
  await expect(readState(source, wrong, { fillMemory })).rejects.toMatchObject({
    code: 'damaged-file',
    details: { path: 'memory-0' },
  });
  expect(fillMemory).not.toHaveBeenCalled();
});
