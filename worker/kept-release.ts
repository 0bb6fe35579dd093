/** A release as a browser reads it: what it keeps for use without a network first, the site for the rest. */
import { KeptFiles } from './kept-files.ts';
import type { ReleaseFile } from './release-file.ts';
import { HttpSource, type ReadOptions, type ReleaseSource } from './vm/source.ts';

/** The name under which this origin keeps files of machines. */
const KEPT_MACHINE = 'drydock-machine';

export class KeptRelease implements ReleaseSource {
  readonly #site: HttpSource;
  /** Undefined where the browser keeps none. */
  readonly kept: Promise<KeptFiles | undefined>;

  /** `base` is the release's absolute URL, ending in `/`. */
  constructor(base: string) {
    this.#site = new HttpSource(base);
    this.kept = KeptFiles.open(KEPT_MACHINE, this.#site, 'what-is-asked-for');
  }

  async read(path: string, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
    return ((await this.kept) ?? this.#site).read(path, options);
  }

  /** From the site where it can be had, for the sake of what the browser has optimised of it. */
  compile(file: ReleaseFile, options?: Pick<ReadOptions, 'signal'>): Promise<WebAssembly.Module> {
    return this.#site.compile(file, options, this);
  }
}
