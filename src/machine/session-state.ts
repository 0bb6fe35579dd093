/** What the page can be told about its machine. */
import type { ConsoleIndex, LoadProgress, LoadStage } from '../../worker/protocol.ts';
import type { MissingCapability } from './capability.ts';

/** Why the machine is loading: for the first time, after a reset, or since the guest rebooted itself. */
export type LoadCause = 'start' | 'reset' | 'reboot';

export type SessionState =
  /** No machine: none was asked for yet, or loading was cancelled. */
  | { phase: 'idle' }
  | { phase: 'unsupported'; missing: MissingCapability[] }
  | { phase: 'loading'; cause: LoadCause; progress: LoadProgress }
  | { phase: 'running' }
  | { phase: 'paused' }
  | { phase: 'waiting-for-disk' }
  | { phase: 'off' }
  | { phase: 'failed'; stage: LoadStage | undefined; error: Error };

export type Phase = SessionState['phase'];

/** The background download of the boot pack. */
export interface PackProgress {
  loadedBytes: number;
  totalBytes: number;
}

export const CONSOLES = [0, 1, 2] as const satisfies ConsoleIndex[];
