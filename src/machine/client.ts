/**
 * The page's end of the worker boundary: starts the workers of a machine, one that downloads and one that runs
 * it, opens the machine, and reports its events.
 */
import { transfer } from 'comlink';
import type { DownloadHost } from '../../worker/downloads.ts';
import type { DrydockError } from '../../worker/error.ts';
import type { Host } from '../../worker/host.ts';
import type { NodeName } from '../../worker/net/lan.ts';
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

/** The workers of one machine. They start before it is known what they are to run. */
export class MachineWorkers {
  readonly runner: WorkerLink<Host>;
  readonly downloader: WorkerLink<DownloadHost>;

  constructor(node: NodeName) {
    this.runner = new WorkerLink<Host>(
      new Worker(new URL('../../worker/machine.worker.ts', import.meta.url), { type: 'module', name: node }),
      'the machine',
    );
    this.downloader = new WorkerLink<DownloadHost>(
      new Worker(new URL('../../worker/download.worker.ts', import.meta.url), {
        type: 'module',
        name: 'downloads',
      }),
      'the downloads',
    );
  }

  terminate(): void {
    this.runner.terminate();
    this.downloader.terminate();
  }
}

export class MachineClient {
  readonly #workers: MachineWorkers;
  readonly #events = new MessageChannel();
  readonly #machine: Promise<RemoteMachine>;

  /** `onBroken` is told when one of the workers breaks down: the machine is lost then. */
  constructor(
    workers: MachineWorkers,
    options: LoadOptions,
    onEvent: (event: MachineEvent) => void,
    onBroken: (error: DrydockError) => void,
    { keeping, lan }: MachinePorts,
  ) {
    this.#workers = workers;
    const { runner, downloader } = workers;
    runner.onBroken = onBroken;
    downloader.onBroken = onBroken;
    this.#events.port1.onmessage = ({ data }: MessageEvent<MachineEvent>) => {
      onEvent(data);
    };
    const downloads = new MessageChannel();
    const serving = downloader.call((host) =>
      host.serve(options.release, transfer(downloads.port1, [downloads.port1])),
    );
    serving.catch(() => undefined);
    const { port2: events } = this.#events;
    this.#machine = runner.call(
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
    const { runner, downloader } = this.#workers;
    return downloader.call(() => runner.call(() => this.#machine.then(action)));
  }

  /** Ends the machine at once, whatever it does. No event comes after this. */
  terminate(): void {
    this.#events.port1.onmessage = null;
    this.#events.port1.close();
    this.#workers.terminate();
  }
}
