import { ZipReader, Uint8ArrayReader } from '@zip.js/zip.js';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { zipFolder } from './archive.ts';

it('puts all files under one folder, keeps who may run them, and compresses what is not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-zip-'));
  try {
    const copy = join(folder, 'copy');
    mkdirSync(join(copy, 'site/machine'), { recursive: true });
    writeFileSync(join(copy, 'start.sh'), '#!/bin/sh\n');
    chmodSync(join(copy, 'start.sh'), 0o755);
    writeFileSync(join(copy, 'site/index.html'), ' '.repeat(10_000));
    writeFileSync(join(copy, 'site/machine/a.zst'), '0'.repeat(10_000));
    const progress: number[] = [];
    await zipFolder(copy, 'drydock', join(folder, 'x.zip'), (percent) => progress.push(percent));
    expect(progress).toEqual([30, 60, 100]);

    const zip = new ZipReader(new Uint8ArrayReader(new Uint8Array(readFileSync(join(folder, 'x.zip')))));
    const entries = await zip.getEntries();
    const facts = entries.map((entry) => ({
      name: entry.filename,
      small: entry.compressedSize < entry.uncompressedSize,
      runs: entry.executable,
      sizesFirst: entry.bitFlag?.dataDescriptor === false,
    }));
    expect(facts).toEqual([
      { name: 'drydock/site/index.html', small: true, runs: false, sizesFirst: true },
      { name: 'drydock/site/machine/a.zst', small: false, runs: false, sizesFirst: true },
      { name: 'drydock/start.sh', small: false, runs: true, sizesFirst: true },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
