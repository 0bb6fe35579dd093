/** For tests: a connection within one process. */
import type { TcpConnection } from './tcp-connection.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** One direction: what is written comes out, until it ends or breaks. */
function pipe() {
  let out: ReadableStreamDefaultController<Bytes> | undefined;
  const readable = new ReadableStream<Bytes>({
    start: (controller) => {
      out = controller;
    },
  });
  let state: 'open' | 'ended' = 'open';
  const end = (how: (controller: ReadableStreamDefaultController<Bytes>) => void): void => {
    if (state === 'open' && out) how(out);
    state = 'ended';
  };
  const writable = new WritableStream<Uint8Array>({
    write: (chunk) => {
      if (state === 'ended') throw new Error('The connection is broken.');
      out?.enqueue(chunk.slice());
    },
    close: () => {
      end((controller) => {
        controller.close();
      });
    },
  });
  return { readable, writable, end };
}

/** Its two ends. What one writes the other reads; when one breaks it off, both are told. */
export function connectionPair(): [TcpConnection, TcpConnection] {
  const up = pipe();
  const down = pipe();
  let finish: () => void = () => undefined;
  let fail: (reason: unknown) => void = () => undefined;
  const closed = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  closed.catch(() => undefined);
  const abort = (reason: unknown = new Error('The connection was broken off.')): void => {
    for (const { end } of [up, down])
      end((controller) => {
        controller.error(reason);
      });
    fail(reason);
  };
  const close = (): void => {
    for (const { end } of [up, down])
      end((controller) => {
        controller.close();
      });
    finish();
  };
  const common = { remote: '192.168.86.101:50000', closed, close, abort };
  return [
    { ...common, readable: up.readable, writable: down.writable },
    { ...common, readable: down.readable, writable: up.writable },
  ];
}
