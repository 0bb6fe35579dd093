/**
 * What a machine is made from, as it comes out of a release: each part is read when it is needed, and checked. How far it
 * is, is told. What is under way ends together.
 */
import type { LoadStage, ProfileName } from '../protocol.ts';
import type { ReleaseFile } from '../release-file.ts';
import { ChunkStore } from './chunks.ts';
import type { BootFiles } from './emulator.ts';
import { Overlay } from './overlay.ts';
import { parseManifest, profileOf, type Manifest, type Profile } from './release.ts';
import { readVerified, type ReleaseSource } from './source.ts';
import { StateDownload } from './state.ts';
import { decompress } from './zstd.ts';

/** What there is of a release beside its disk and memory. */
export interface Plan {
  manifest: Manifest;
  profile: Profile;
  engine: WebAssembly.Module;
  /** The compiled code of the profile's state. */
  modules: Promise<WebAssembly.Module>;
}

/** A disk to begin with. */
export interface FreshDisk {
  chunks: ChunkStore;
  bytes: number;
  overlay: Overlay;
}

export interface DeliveryNews {
  onProgress: (stage: LoadStage, loadedBytes: number, totalBytes: number) => void;
  /** Of the boot pack. */
  onPack: (loadedBytes: number, totalBytes: number) => void;
}

export class Delivery {
  readonly source: ReleaseSource;
  readonly #profileName: ProfileName;
  readonly #news: DeliveryNews;
  #cancel = new AbortController();

  constructor(source: ReleaseSource, profileName: ProfileName, news: DeliveryNews) {
    this.source = source;
    this.#profileName = profileName;
    this.#news = news;
  }

  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  /** Ends what is under way, and all that is asked for until `renew`. */
  cancel(reason: Error): void {
    this.#cancel.abort(reason);
  }

  renew(): void {
    this.#cancel = new AbortController();
  }

  /** @throws DrydockError `download-failed`, `damaged-file`, `wrong-release` */
  async manifest(): Promise<Manifest> {
    this.#news.onProgress('manifest', 0, 0);
    const text = await this.source.read('manifest.json', { signal: this.signal, cache: 'no-cache' });
    return parseManifest(new TextDecoder().decode(text));
  }

  /** @throws DrydockError `download-failed`, `damaged-file` */
  async plan(manifest: Manifest): Promise<Plan> {
    const profile = profileOf(manifest, this.#profileName);
    const modules = this.source.compile(profile.state.modules, { signal: this.signal });
    modules.catch(() => undefined);
    const engine = await decompress(await this.#file(manifest.engine, 'engine'));
    return { manifest, profile, modules, engine: await WebAssembly.compile(engine) };
  }

  /** @throws DrydockError `download-failed`, `damaged-file` */
  async disk({ index: file, chunkBytes, bytes }: Manifest['disk']): Promise<FreshDisk> {
    const index = await readVerified(this.source, file, { signal: this.signal });
    const chunks = new ChunkStore(this.source, await decompress(index), chunkBytes);
    return { chunks, bytes, overlay: new Overlay() };
  }

  /** Begins the download of the snapshot. */
  state(manifest: Manifest): StateDownload {
    return new StateDownload(this.source, profileOf(manifest, this.#profileName), this.signal);
  }

  /** What a cold start needs. @throws DrydockError `download-failed`, `damaged-file` */
  async boot({ boot: { bios, vgaBios, kernel, commandLine } }: Manifest): Promise<BootFiles> {
    const read = async (file: ReleaseFile): Promise<ArrayBuffer> => (await this.#file(file, 'boot')).buffer;
    const [biosBytes, vgaBiosBytes, kernelBytes] = await Promise.all([
      read(bios),
      read(vgaBios),
      read(kernel),
    ]);
    return { bios: biosBytes, vgaBios: vgaBiosBytes, kernel: kernelBytes, commandLine };
  }

  /** Fetches the boot pack. Failing is no fault: chunks are then fetched one by one. */
  pack({ pack }: Profile, chunks: ChunkStore): void {
    const whole = readVerified(this.source, pack, {
      signal: this.signal,
      onProgress: (loadedBytes) => {
        this.#news.onPack(loadedBytes, pack.bytes);
      },
    });
    chunks.expectPack(whole);
    whole.then(
      () => {
        this.#news.onPack(pack.bytes, pack.bytes);
      },
      () => undefined,
    );
  }

  #file(file: ReleaseFile, stage: LoadStage): Promise<Uint8Array<ArrayBuffer>> {
    this.#news.onProgress(stage, 0, file.bytes);
    return readVerified(this.source, file, {
      signal: this.signal,
      onProgress: (bytes) => {
        this.#news.onProgress(stage, bytes, file.bytes);
      },
    });
  }
}
