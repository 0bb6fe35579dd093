/**
 * A saved state on its way in. All its files download side by side from the start on, also while there is no
 * emulator yet to put them in; then each part of the guest's memory is decompressed into its place as it
 * arrives, and last the devices get theirs.
 */
import type { Emulator } from './emulator.ts';
import type { ReleaseFile } from '../release-file.ts';
import type { Profile, SavedState } from './release.ts';
import { readVerified, type FileSource } from './source.ts';
import { decompress } from './zstd.ts';

export class StateDownload {
  readonly totalBytes: number;
  /** Told of each arrival; see `loadedBytes`. */
  onProgress: (() => void) | undefined;
  readonly #arrived = new Map<ReleaseFile, number>();
  readonly #devices: Promise<Uint8Array>;
  readonly #memory: Promise<Uint8Array>[];
  readonly #core: Promise<Uint8Array>;
  readonly #overlay: Promise<Uint8Array>;

  /** Begins the download. What goes wrong with it is told by `fill`, `core` and `overlay`. */
  constructor(
    source: FileSource,
    { state, overlay }: Pick<Profile, 'state' | 'overlay'>,
    signal?: AbortSignal,
  ) {
    this.totalBytes = downloadBytes(state) + overlay.bytes;
    const read = (file: ReleaseFile): Promise<Uint8Array> => {
      const bytes = readVerified(source, file, {
        signal,
        onProgress: (loaded) => {
          this.#arrived.set(file, loaded);
          this.onProgress?.();
        },
      });
      bytes.catch(() => undefined);
      return bytes;
    };
    this.#memory = state.memory.map(read);
    this.#devices = read(state.devices);
    this.#core = read(state.core);
    this.#overlay = read(overlay);
  }

  /** Compressed bytes that have arrived. */
  get loadedBytes(): number {
    return [...this.#arrived.values()].reduce((sum, count) => sum + count, 0);
  }

  /**
   * Fills the memory of `emulator`, which must never have run; resolves with the devices' part, for
   * `Emulator.restore`.
   * @throws DrydockError `download-failed`, `damaged-file`
   */
  async fill(emulator: Pick<Emulator, 'fillMemory'>): Promise<ArrayBuffer> {
    const [{ buffer }] = await Promise.all([
      this.#devices.then((compressed) => decompress(compressed)),
      ...this.#memory.map(async (part) => {
        emulator.fillMemory(await part);
      }),
    ]);
    return buffer;
  }

  /**
   * What the emulator knew of compiled code, for `Emulator.restore`.
   * @throws DrydockError `download-failed`, `damaged-file`
   */
  async core(): Promise<Uint8Array> {
    return decompress(await this.#core);
  }

  /**
   * What the guest had written to its disk, for `Overlay.decode`.
   * @throws DrydockError `download-failed`, `damaged-file`
   */
  async overlay(): Promise<Uint8Array> {
    return decompress(await this.#overlay);
  }
}

/** Compressed bytes of a state, without the modules. */
export function downloadBytes({ devices, memory, core }: SavedState): number {
  return [devices, core, ...memory].reduce((sum, { bytes }) => sum + bytes, 0);
}
