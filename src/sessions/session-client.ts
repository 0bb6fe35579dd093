/** The page's end of the worker that keeps sessions. */
import { proxy, type Remote } from 'comlink';
import type { DrydockError } from '../../worker/error.ts';
import type { KeepHost, KeepingEvent, Sessions } from '../../worker/keep-host.ts';
import { installErrorTransfer } from '../../worker/transfer.ts';
import { WorkerLink } from '../../worker/worker-link.ts';

installErrorTransfer();

export type RemoteSessions = Remote<Sessions>;

export class SessionClient {
  readonly #link: WorkerLink<KeepHost>;
  readonly #sessions: Promise<RemoteSessions>;

  constructor(
    release: string,
    onEvent: (event: KeepingEvent) => void,
    onBroken: (error: DrydockError) => void,
  ) {
    this.#link = new WorkerLink<KeepHost>(
      new Worker(new URL('../../worker/keep.worker.ts', import.meta.url), { type: 'module', name: 'keeper' }),
      'the saved sessions',
    );
    this.#link.onBroken = onBroken;
    this.#sessions = this.#link.call(
      (host) => host.open(release, proxy(onEvent)) as Promise<unknown> as Promise<RemoteSessions>,
    );
    this.#sessions.catch(() => undefined);
  }

  /** Does something with the sessions. Rejects with what they threw, or when the worker is dead. */
  call<T>(action: (sessions: RemoteSessions) => T): Promise<Awaited<T>> {
    return this.#link.call(() => this.#sessions.then(action));
  }
}
