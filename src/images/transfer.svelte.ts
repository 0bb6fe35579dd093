import type { OfflineSet } from '../../worker/hub-host.ts';
import type { ImportedImage } from '../../worker/hub/archive-import.ts';
import type { TaskProgress } from '../../worker/tasks.ts';

/** What the machine is; an image without a part for it does not run there. */
export const MACHINE_PLATFORM = 'linux/386';

export type TransferState =
  /** Another one has to end first. */
  | { phase: 'waiting' }
  | { phase: 'running'; progress: TaskProgress }
  | { phase: 'failed'; error: Error }
  /** An archive is in the hub. */
  | { phase: 'imported'; images: ImportedImage[] };

/** What is moved: files into the browser's keeping, an image out as an archive, an archive in. */
export type TransferKind =
  | { kind: 'keep'; set: OfflineSet }
  | { kind: 'export'; repository: string; reference: string; bytes: number }
  | { kind: 'import'; archive: File; as: string | undefined };

/** A move of many bytes that the user began. It goes on when they leave the page. */
export class Transfer {
  state = $state.raw<TransferState>({ phase: 'waiting' });

  constructor(
    readonly id: number,
    readonly what: TransferKind,
    /** What is moved, in the user's words: `nginx:1.26`. */
    readonly subject: string,
  ) {}

  get underWay(): boolean {
    return this.state.phase === 'waiting' || this.state.phase === 'running';
  }

  /** Share that is done, 0 to 1; undefined while it is not known. */
  get share(): number | undefined {
    if (this.state.phase !== 'running' || this.state.progress.totalBytes === 0) return undefined;
    return this.state.progress.loadedBytes / this.state.progress.totalBytes;
  }
}

/** Whether two sets are the same one. */
export function sameSet(one: OfflineSet, other: OfflineSet): boolean {
  return JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
}
