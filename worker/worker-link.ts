/**
 * One end of a connection to a web worker. A worker whose script fails to load or that dies says so only by an
 * `error` event, never by an answer; all calls go through `call`, which rejects then instead of waiting for ever.
 */
import { wrap, type Remote } from 'comlink';
import { DrydockError } from './error.ts';

export class WorkerLink<Service> {
  readonly #worker: Worker;
  readonly #service: Remote<Service>;
  readonly #name: string;
  /** Told when the worker breaks down by itself, also while nobody waits for an answer. */
  onBroken?: (error: DrydockError) => void;
  /** Why the worker is dead, once it is. */
  #broken: DrydockError | undefined;
  /** Rejects the calls that wait for an answer. */
  readonly #waiting = new Set<(error: DrydockError) => void>();

  /** `name` is the user's word for what the worker does. */
  constructor(worker: Worker, name: string) {
    this.#worker = worker;
    this.#name = name;
    worker.onerror = (event) => {
      const error = this.#error(event.message);
      this.#break(error);
      this.onBroken?.(error);
    };
    this.#service = wrap<Service>(worker);
  }

  /** Does something with the worker's service. Rejects with what that threw, or when the worker is dead. */
  call<T>(action: (service: Remote<Service>) => T): Promise<Awaited<T>> {
    return new Promise<Awaited<T>>((resolve, reject) => {
      if (this.#broken) {
        reject(this.#broken);
        return;
      }
      this.#waiting.add(reject);
      void Promise.resolve(action(this.#service))
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(reject));
    });
  }

  /** Ends the worker at once, whatever it does; what waits for it is rejected. */
  terminate(): void {
    this.#worker.terminate();
    this.#break(new DrydockError('wrong-state', `The worker of ${this.#name} was ended.`));
  }

  #break(error: DrydockError): void {
    this.#broken ??= error;
    for (const reject of this.#waiting) reject(error);
  }

  #error(message: string | undefined): DrydockError {
    return message
      ? new DrydockError('internal', `The worker of ${this.#name} broke down: ${message}`)
      : new DrydockError('download-failed', `The program of ${this.#name} could not be loaded.`);
  }
}
