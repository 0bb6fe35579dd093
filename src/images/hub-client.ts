/** The page's end of the hub's worker. */
import type { Remote } from 'comlink';
import type { DrydockError } from '../../worker/error.ts';
import type { HubHost, LocalHub } from '../../worker/hub-host.ts';
import type { ProfileName } from '../../worker/protocol.ts';
import { installErrorTransfer } from '../../worker/transfer.ts';
import { WorkerLink } from '../../worker/worker-link.ts';

installErrorTransfer();

/** The page's view of the hub, derived from the implementation. */
export type RemoteHub = Remote<LocalHub>;

export class HubClient {
  readonly #link: WorkerLink<HubHost>;
  readonly #hub: Promise<RemoteHub>;

  /** Opens the hub of `release`, for machines of `profile`; `onBroken` is told when its worker breaks down. */
  constructor(release: string, profile: ProfileName, onBroken: (error: DrydockError) => void) {
    this.#link = new WorkerLink<HubHost>(
      new Worker(new URL('../../worker/hub.worker.ts', import.meta.url), { type: 'module', name: 'hub' }),
      'the hub',
    );
    this.#link.onBroken = onBroken;
    this.#hub = this.#link.call(
      (host) => host.open(release, profile) as Promise<unknown> as Promise<RemoteHub>,
    );
    this.#hub.catch(() => undefined);
  }

  /** Does something with the hub. Rejects with what opening it or the hub threw, or when the worker is dead. */
  call<T>(action: (hub: RemoteHub) => T): Promise<Awaited<T>> {
    return this.#link.call(() => this.#hub.then(action));
  }

  terminate(): void {
    this.#link.terminate();
  }
}
