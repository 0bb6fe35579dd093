/** What the page can be told about a machine. */
import type { ConsoleIndex, LoadProgress, LoadStage } from '../../worker/protocol.ts';
import type { MissingCapability } from './capability.ts';

/**
 * Why the machine is loading: a fresh one, one that goes on from its saved memory or boots from its saved disk, after a
 * reset, back to a checkpoint, or since it boots again: its guest rebooted, or it was switched on.
 */
export type LoadCause = 'start' | 'continue' | 'boot' | 'reset' | 'rewind' | 'reboot';

export type NodeState =
  /** No machine: none was asked for yet, or loading was cancelled. */
  | { phase: 'idle' }
  | { phase: 'unsupported'; missing: MissingCapability[] }
  | { phase: 'loading'; cause: LoadCause; progress: LoadProgress }
  | { phase: 'running' }
  | { phase: 'paused' }
  | { phase: 'waiting-for-disk' }
  | { phase: 'off' }
  | { phase: 'failed'; stage: LoadStage | undefined; error: Error };

export type Phase = NodeState['phase'];

/** What can be saved of a machine: all of it while it is on, else its disk. */
export type Power = 'on' | 'off';

/** The background download of the boot pack. */
export interface PackProgress {
  loadedBytes: number;
  totalBytes: number;
}

export const CONSOLES = [0, 1, 2] as const satisfies ConsoleIndex[];
