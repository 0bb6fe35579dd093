/**
 * The page's end of the worker boundary: starts the workers of a machine, one that downloads and one that runs
 * it, opens the machine, and reports its events.
 */
import { transfer } from 'comlink';
import type { DownloadHost } from '../../worker/downloads.ts';
import type { DrydockError } from '../../worker/error.ts';
import type { Host } from '../../worker/host.ts';
import type { LoadOptions, MachineEvent, RemoteMachine } from '../../worker/protocol.ts';
import { installErrorTransfer } from '../../worker/transfer.ts';
import { WorkerLink } from '../../worker/worker-link.ts';

installErrorTransfer();

/** What a machine is connected to. */
export interface MachinePorts {
  /** Leads to what keeps the machine; undefined where nothing can be kept. */
  keeping: MessagePort | undefined;
  /** The machine's network cable. */
  lan: MessagePort;
}

export class MachineClient {
  readonly #runner: WorkerLink<Host>;
  readonly #downloader: WorkerLink<DownloadHost>;
  readonly #events = new MessageChannel();
  readonly #machine: Promise<RemoteMachine>;

  /** `onBroken` is told when one of the workers breaks down: the machine is lost then. */
  constructor(
    options: LoadOptions,
    onEvent: (event: MachineEvent) => void,
    onBroken: (error: DrydockError) => void,
    { keeping, lan }: MachinePorts,
  ) {
    this.#runner = new WorkerLink<Host>(
      new Worker(new URL('../../worker/machine.worker.ts', import.meta.url), {
        type: 'module',
        name: options.node,
      }),
      'the machine',
    );
    this.#downloader = new WorkerLink<DownloadHost>(
      new Worker(new URL('../../worker/download.worker.ts', import.meta.url), {
        type: 'module',
        name: 'downloads',
      }),
      'the downloads',
    );
    this.#runner.onBroken = onBroken;
    this.#downloader.onBroken = onBroken;
    this.#events.port1.onmessage = ({ data }: MessageEvent<MachineEvent>) => {
      onEvent(data);
    };
    const downloads = new MessageChannel();
    const serving = this.#downloader.call((host) =>
      host.serve(options.release, transfer(downloads.port1, [downloads.port1])),
    );
    serving.catch(() => undefined);
    const { port2: events } = this.#events;
    this.#machine = this.#runner.call(
      (host) =>
        host.open(
          options,
          transfer({ events, downloads: downloads.port2, lan, keeping }, [
            events,
            downloads.port2,
            lan,
            ...(keeping ? [keeping] : []),
          ]),
        ) as Promise<unknown> as Promise<RemoteMachine>,
    );
    this.#machine.catch(() => undefined);
  }

  /** Does something with the machine. Rejects with what the machine threw, or when one of its workers is dead. */
  call<T>(action: (machine: RemoteMachine) => T): Promise<Awaited<T>> {
    return this.#downloader.call(() => this.#runner.call(() => this.#machine.then(action)));
  }

  /** Ends the machine at once, whatever it does. No event comes after this. */
  terminate(): void {
    this.#events.port1.onmessage = null;
    this.#events.port1.close();
    this.#runner.terminate();
    this.#downloader.terminate();
  }
}
