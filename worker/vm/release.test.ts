import { describe, expect, it } from 'vitest';
import { DEVICE_SET, V86_VERSION } from './emulator.ts';
import type { ReleaseFile } from '../release-file.ts';
import { parseManifest, RELEASE_FORMAT, type Manifest } from './release.ts';

const file = (path: string): ReleaseFile => ({ path, bytes: 1000, sha256: '0123456789abcdef'.repeat(4) });

function createManifest(changes: Partial<Manifest> = {}): Manifest {
  return {
    format: RELEASE_FORMAT,
    v86: V86_VERSION,
    devices: DEVICE_SET,
    build: 'b01dfacedeadbeef',
    engine: file('files/v86-0123456789ab.zst'),
    disk: {
      bytes: 2 ** 31,
      chunkBytes: 65536,
      storedBytes: 2 ** 28,
      index: file('files/index-0123456789ab.zst'),
    },
    boot: {
      bios: file('files/bios-0123456789ab.bin'),
      vgaBios: file('files/vgabios-0123456789ab.bin'),
      kernel: file('files/kernel-0123456789ab.bin'),
      commandLine: 'root=/dev/sda rw',
    },
    profiles: [
      {
        name: 'standard',
        memoryBytes: 384 * 2 ** 20,
        state: {
          devices: file('files/standard-devices-0123456789ab.zst'),
          core: file('files/standard-core-0123456789ab.zst'),
          modules: file('files/standard-modules-0123456789ab.wasm'),
          memory: [file('files/standard-memory-0-0123456789ab.zst')],
        },
        overlay: file('files/overlay-standard-0123456789ab.zst'),
        consoles: ['root@node1:~# ', '', ''],
        pack: file('files/pack-standard-0123456789ab.bin'),
      },
    ],
    catalogue: file('files/catalogue-0123456789ab.json'),
    software: { docker: '26.1.5', linux: '6.12' },
    firstVisitBytes: 35_000_000,
    ...changes,
  };
}

/** The error that `manifest` is refused with. */
function refusal(manifest: unknown): unknown {
  try {
    parseManifest(typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  } catch (error) {
    return error;
  }
  expect.fail('the manifest should have been refused');
}

describe('a manifest', () => {
  it('is read whole', () => {
    expect(parseManifest(JSON.stringify(createManifest()))).toEqual(createManifest());
  });

  it.each(['', 'not found', '<!doctype html>', '{"format": 1'])(
    'is refused when it is not JSON: %j',
    (text) => {
      expect(refusal(text)).toMatchObject({ code: 'damaged-file', details: { path: 'manifest.json' } });
    },
  );

  it.each([null, 7, [], {}])('is refused when it is JSON but no manifest: %j', (json) => {
    expect(refusal(json)).toMatchObject({ code: 'damaged-file', details: { path: 'manifest.json' } });
  });

  it('is of the wrong release when its format is another one, however it is laid out', () => {
    expect(refusal({ format: RELEASE_FORMAT + 1, anything: 'else' })).toMatchObject({
      code: 'wrong-release',
      message: `The machine on the server has format ${RELEASE_FORMAT + 1}; this page reads format ${RELEASE_FORMAT}.`,
    });
  });

  it('is of the wrong release when its states were saved by another v86', () => {
    expect(refusal(createManifest({ v86: '0.4.0' }))).toMatchObject({
      code: 'wrong-release',
      message: expect.stringContaining('0.4.0') as string,
    });
  });

  it('is of the wrong release when its states have other devices', () => {
    expect(refusal(createManifest({ devices: 'floppy' }))).toMatchObject({ code: 'wrong-release' });
  });

  it.each(Object.keys(createManifest()))('names the field %s where it is missing', (name) => {
    const rest = Object.fromEntries(Object.entries(createManifest()).filter(([key]) => key !== name));
    expect(refusal(rest)).toMatchObject({
      code: 'damaged-file',
      message: expect.stringContaining(`at ${name}`) as string,
    });
  });

  it('names a field deep inside', () => {
    const manifest = createManifest();
    const boot = { ...manifest.boot, kernel: { ...file('files/kernel.bin'), sha256: 'abc' } };
    expect(refusal({ ...manifest, boot })).toMatchObject({
      message: expect.stringContaining('boot.kernel.sha256') as string,
    });
  });

  it('is refused with a field that nobody knows', () => {
    expect(refusal({ ...createManifest(), extra: 1 })).toMatchObject({
      code: 'damaged-file',
      message: expect.stringContaining('extra') as string,
    });
  });

  it('is refused without any profile', () => {
    expect(refusal(createManifest({ profiles: [] }))).toMatchObject({ code: 'damaged-file' });
  });
});

describe('the path of a file', () => {
  it.each(['v86.zst', 'files/v86-01.zst', 'a/b/c.d.e', 'files/a..b', '_x-1'])('may be %s', (path) => {
    expect(parseManifest(JSON.stringify(createManifest({ engine: file(path) }))).engine.path).toBe(path);
  });

  it.each(['', 'a b', 'a?b', 'a#b', 'a%2fb', 'a\\b', 'a\n'])(
    'may not have other characters: %j',
    refusesPath,
  );

  it.each(['..', '../a', 'a/..', 'a/../b', './a', 'a/./b', '.a', 'a/.b', 'a/...'])(
    'may not lead upwards, nor to a hidden file: %s',
    refusesPath,
  );

  it.each(['/a', '//elsewhere.test/a', 'https://elsewhere.test/a', 'a//b', 'a/'])(
    'may not lead to another root, nor have an empty part: %s',
    refusesPath,
  );

  function refusesPath(path: string): void {
    expect(refusal(createManifest({ engine: file(path) }))).toMatchObject({
      code: 'damaged-file',
      message: expect.stringContaining('engine.path') as string,
    });
  }
});
