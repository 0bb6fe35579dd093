/** What machines take of this device, and whether it can carry them. Nobody can know; what browsers tell is looked at. */
import type { ProfileName } from '../../worker/protocol.ts';
import { gigabytes } from '../app/format.ts';

/** What the emulator, its compiled code and the disk's cache take beside the guest's memory (measured: 0.5 to 0.6 GB). */
export const OVERHEAD_BYTES = 550_000_000;

const MEMORY_BYTES: Record<ProfileName, number> = { standard: 384 * 2 ** 20, small: 256 * 2 ** 20 };

/** What the page, the browser and the system need beside the machines. */
const RESERVE_BYTES = 1.5e9;

/** More machines that work at a time than this for each core, and each of them is slow. */
const NODES_PER_CORE = 2;

/** What a browser tells of the device; each may be missing. */
export interface Device {
  /** In GiB, rounded down to a power of two and at most 8 (W3C Device Memory). */
  deviceMemory?: number;
  hardwareConcurrency?: number;
}

/** Bytes of this device's memory that a node takes. */
export function nodeCost(profile: ProfileName): number {
  return MEMORY_BYTES[profile] + OVERHEAD_BYTES;
}

/** Why this device may not carry machines with these profiles; undefined when nothing speaks against it. */
export function deviceWarning(
  profiles: readonly ProfileName[],
  { deviceMemory, hardwareConcurrency }: Device = navigator,
): string | undefined {
  const needed = profiles.reduce((sum, profile) => sum + nodeCost(profile), RESERVE_BYTES);
  const memory = deviceMemory === undefined ? undefined : deviceMemory * 2 ** 30;
  // 8 is the most that is told.
  if (memory !== undefined && deviceMemory !== 8 && needed > memory)
    return `With it the machines would need about ${gigabytes(needed)} GB, and this device has about ${deviceMemory} GB: the browser may end the tab. Smaller nodes, or fewer, are safer.`;
  if (hardwareConcurrency !== undefined && profiles.length > hardwareConcurrency * NODES_PER_CORE)
    return `This device has ${hardwareConcurrency} ${hardwareConcurrency === 1 ? 'core' : 'cores'}: ${profiles.length} machines at work on ${hardwareConcurrency === 1 ? 'it' : 'them'} are slow.`;
  return undefined;
}
