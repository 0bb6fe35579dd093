/**
 * The kernel is kept built in the repository, since compiling it takes a quarter of an hour. The lock says
 * what the committed bzImage was made from; a test fails when the configuration has moved on without it.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { hashInputs } from '../pipeline/cache.ts';
import { beside } from '../pipeline/step.ts';

const lockSchema = z.strictObject({
  /** Debian source package and its version. */
  source: z.string(),
  compiler: z.string(),
  /** Hash of the configuration fragment, the patches and the build script. */
  configuration: z.string(),
  /** SHA-256 of bzImage. */
  bzImage: z.string(),
});

export type KernelLock = z.infer<typeof lockSchema>;

const lockFile = beside(import.meta.url, 'kernel.lock.json');

/** The committed kernel. */
export const bzImage = beside(import.meta.url, 'bzImage');

export function readLock(): KernelLock {
  return lockSchema.parse(JSON.parse(readFileSync(lockFile, 'utf8')));
}

export function writeLock(lock: KernelLock): void {
  writeFileSync(lockFile, JSON.stringify(lock, null, 2) + '\n');
}

/** Hash of what determines the kernel beside its source and compiler. */
export function configurationHash(): string {
  const inputs = ['drydock.config', 'patches', 'build.sh'];
  return hashInputs(
    [],
    inputs.map((name) => beside(import.meta.url, name)),
  );
}

export function bzImageHash(): string {
  return createHash('sha256').update(readFileSync(bzImage)).digest('hex');
}
