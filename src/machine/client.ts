/**
 * The page's end of the worker boundary: starts a worker, opens one machine in it, and reports its events.
 * A worker whose script fails to load or that dies says so only by an `error` event, never by an answer; all
 * calls go through `call`, which rejects then instead of waiting for ever.
 */
import { transfer, wrap, type Remote } from 'comlink';
import { DrydockError } from '../../worker/error.ts';
import type { Host } from '../../worker/host.ts';
import type { LoadOptions, MachineEvent, RemoteMachine } from '../../worker/protocol.ts';
import { installErrorTransfer } from '../../worker/transfer.ts';

installErrorTransfer();

export class MachineClient {
  readonly #worker: Worker;
  readonly #host: Remote<Host>;
  /** Why the worker is dead, once it is. */
  #broken: DrydockError | undefined;
  /** Rejects the calls that wait for an answer. */
  readonly #waiting = new Set<(error: DrydockError) => void>();
  readonly #events = new MessageChannel();
  readonly #machine: Promise<RemoteMachine>;

  constructor(options: LoadOptions, onEvent: (event: MachineEvent) => void) {
    this.#worker = new Worker(new URL('../../worker/machine.worker.ts', import.meta.url), {
      type: 'module',
      name: 'machine',
    });
    this.#worker.onerror = (event) => {
      const broken = (this.#broken = workerError(event.message));
      for (const reject of this.#waiting) reject(broken);
    };
    this.#events.port1.onmessage = ({ data }: MessageEvent<MachineEvent>) => {
      onEvent(data);
    };
    this.#host = wrap<Host>(this.#worker);
    const { port2 } = this.#events;
    this.#machine = this.#host.open(
      options,
      transfer(port2, [port2]),
    ) as Promise<unknown> as Promise<RemoteMachine>;
    this.#machine.catch(() => undefined);
  }

  /** Does something with the machine. Rejects with what the machine threw, or when the worker is dead. */
  call<T>(action: (machine: RemoteMachine) => T): Promise<Awaited<T>> {
    return new Promise<Awaited<T>>((resolve, reject) => {
      if (this.#broken) {
        reject(this.#broken);
        return;
      }
      this.#waiting.add(reject);
      const answer = this.#machine.then((machine): Promise<Awaited<T>> => Promise.resolve(action(machine)));
      void answer.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }

  /** Ends the machine at once, whatever it does. No event comes after this. */
  terminate(): void {
    this.#events.port1.onmessage = null;
    this.#events.port1.close();
    this.#worker.terminate();
  }
}

function workerError(message: string | undefined): DrydockError {
  return message
    ? new DrydockError('internal', `The machine's worker broke down: ${message}`)
    : new DrydockError('download-failed', "The machine's program could not be loaded.");
}
