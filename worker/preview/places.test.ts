import { expect, test } from 'vitest';
import { Places } from './places.ts';

const { signal } = new AbortController();

test('those beyond the places wait in their order', async () => {
  const places = new Places(2, 10);
  const order: number[] = [];
  const take = async (i: number) => {
    const free = await places.take(signal);
    order.push(i);
    return free;
  };
  const [one, two, three, four] = [take(1), take(2), take(3), take(4)];
  (await one)();
  (await one)();
  await three;
  expect(order).toEqual([1, 2, 3]);
  (await two)();
  await four;
  expect(order).toEqual([1, 2, 3, 4]);
});

test('who gives up makes room for the next, and too many are refused', async () => {
  const places = new Places(1, 2);
  const stop = new AbortController();
  const free = await places.take(signal);
  const given = places.take(stop.signal);
  const next = places.take(signal);
  await expect(places.take(signal)).rejects.toMatchObject({ code: 'network-failed' });
  stop.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  free();
  await expect(next).resolves.toBeTypeOf('function');
});
