import { expose } from 'comlink';
import { afterEach, expect, it } from 'vitest';
import { WorkerLink } from './worker-link.ts';

const service = { add: (a: number, b: number) => a + b, wait: () => new Promise<never>(() => undefined) };

let close: () => void;
afterEach(() => {
  close();
});

/** A link to a service, over a channel that looks like a worker. */
function connect() {
  const { port1, port2 } = new MessageChannel();
  expose(service, port1);
  port2.start();
  close = () => {
    port1.close();
    port2.close();
  };
  const worker = Object.assign(port2 as unknown as Worker, { terminate: close });
  return { worker, link: new WorkerLink<typeof service>(worker, 'the sums') };
}

const breakDown = (worker: Worker, message?: string): void => {
  worker.onerror?.({ message } as ErrorEvent);
};

it('calls the service', async () => {
  await expect(connect().link.call((sums) => sums.add(2, 3))).resolves.toBe(5);
});

it('rejects what waits when the worker breaks down', async () => {
  const { worker, link } = connect();
  const waiting = link.call((sums) => sums.wait());
  breakDown(worker, 'out of memory');
  await expect(waiting).rejects.toMatchObject({
    code: 'internal',
    message: 'The worker of the sums broke down: out of memory',
  });
});

it('tells that the worker broke down, also when nothing waits', () => {
  const { worker, link } = connect();
  let told: string | undefined;
  link.onBroken = ({ message }) => (told = message);
  breakDown(worker, 'out of memory');
  expect(told).toBe('The worker of the sums broke down: out of memory');
});

it('rejects what is asked of a worker whose program did not load', async () => {
  const { worker, link } = connect();
  breakDown(worker);
  await expect(link.call((sums) => sums.add(1, 1))).rejects.toMatchObject({
    code: 'download-failed',
    message: 'The program of the sums could not be loaded.',
  });
});

it('rejects what waits when the worker is ended', async () => {
  const { link } = connect();
  const waiting = link.call((sums) => sums.wait());
  link.terminate();
  await expect(waiting).rejects.toMatchObject({ code: 'wrong-state' });
});
