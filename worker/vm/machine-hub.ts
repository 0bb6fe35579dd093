/** The hub as a machine finds it behind its gateway. It is opened when the guest first asks for it. */
import type { Hub } from '../hub/hub.ts';
import { withReference } from '../hub/names.ts';
import { openLocalHub, unavailable } from '../hub/open-hub.ts';
import type { Records } from '../hub/records.ts';
import type { Suggestions } from '../hub/suggestions.ts';
import type { HttpRequest } from '../net/http/message.ts';
import type { Manifest } from './release.ts';
import type { FileSource } from './source.ts';

export class MachineHub {
  readonly #source: FileSource;
  readonly #onUnknown: (suggestions: Suggestions) => void;
  readonly #records: Records | undefined;
  #hub: Promise<Hub> | undefined;

  /**
   * @param onUnknown told what there is instead of an image that a pull did not find
   * @param records where what is pushed is kept; see `openLocalHub`
   */
  constructor(
    source: FileSource,
    onUnknown: (suggestions: Suggestions) => void,
    records: Records | undefined,
  ) {
    this.#source = source;
    this.#onUnknown = onUnknown;
    this.#records = records;
  }

  async fetch(request: HttpRequest, manifest: Manifest): Promise<Response> {
    const hub = await this.#open(manifest).catch(unavailable);
    return hub instanceof Response ? hub : hub.fetch(request);
  }

  /** A hub that could not be opened is tried again the next time. */
  #open({ catalogue }: Manifest): Promise<Hub> {
    this.#hub ??= openLocalHub(this.#source, catalogue, this.#records).then(({ hub }) => {
      hub.onUnknown(({ repository, reference }) => {
        // What the hub has instead is a hint only: the client has had its error.
        hub.suggest(withReference(repository, reference)).then(this.#onUnknown, () => undefined);
      });
      return hub;
    });
    this.#hub.catch(() => (this.#hub = undefined));
    return this.#hub;
  }
}
