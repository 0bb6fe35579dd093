/**
 * The hub's records for several threads of one process, each with a hub of its own: what one machine pushes, the others
 * pull. In a browser IndexedDB does that.
 */
import { expose, proxy, releaseProxy, wrap, type ProxyMarked, type Remote } from 'comlink';
import type { Records, Transaction } from './records.ts';

/** What a transaction does at the other end; its result and its error stay there. */
type RemoteWork = (transaction: Transaction & ProxyMarked) => Promise<void>;

interface Service {
  transact: (mode: 'read' | 'write', work: RemoteWork & ProxyMarked) => Promise<void>;
}

/**
 * Lets the thread at the other end of `port` use `records`.
 * @returns what undoes and ends a transaction of that thread; to be called when it is gone
 */
export function serveRecords(records: Records, port: MessagePort): () => void {
  let leave: (reason: Error) => void = () => undefined;
  const gone = new Promise<never>((_, reject) => (leave = reject));
  gone.catch(() => undefined);
  const service: Service = {
    transact: (mode, work) =>
      records.transact(mode, async (transaction) => {
        const remote = work as unknown as Remote<RemoteWork>;
        try {
          await Promise.race([gone, remote(proxy(transaction))]);
        } finally {
          remote[releaseProxy]();
        }
      }),
  };
  expose(service, port);
  return () => {
    leave(new Error('The thread of this transaction has ended.'));
    port.close();
  };
}

export class RemoteRecords implements Records {
  readonly #service: Remote<Service>;
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    this.#port = port;
    this.#service = wrap<Service>(port);
  }

  async transact<R>(mode: 'read' | 'write', work: (transaction: Transaction) => Promise<R>): Promise<R> {
    const ends: ({ result: R } | { thrown: unknown })[] = [];
    const remoteWork: RemoteWork = async (transaction) => {
      try {
        ends.push({ result: await work(transaction) });
      } catch (thrown) {
        ends.push({ thrown });
        throw thrown;
      } finally {
        (transaction as unknown as Remote<Transaction>)[releaseProxy]();
      }
    };
    // An error of the work is thrown as it was, not as it came back through the port.
    const failure: unknown = await this.#service.transact(mode, proxy(remoteWork)).then(
      () => undefined,
      (error: unknown) => error,
    );
    const end = ends.at(-1);
    if (end && 'thrown' in end) throw end.thrown;
    if (failure !== undefined) throw failure as Error;
    if (!end) throw new Error('The transaction did nothing.');
    return end.result;
  }

  close(): void {
    this.#port.close();
  }
}
