import { expect, test } from 'vitest';
import { statsOf, statsSchema } from './container-stats.ts';

const raw = (total: number, system: number, more = {}) =>
  statsSchema.parse({
    cpu_stats: { cpu_usage: { total_usage: total }, system_cpu_usage: system, online_cpus: 2 },
    memory_stats: { usage: 1000, limit: 4000, stats: { inactive_file: 300 } },
    ...more,
  });

test('the processor is counted between two readings, memory without what can be given back', () => {
  expect(statsOf(raw(50, 1000), undefined).cpu).toBeUndefined();
  expect(statsOf(raw(150, 2000), raw(50, 1000))).toMatchObject({
    cpu: 0.2,
    memoryBytes: 700,
    memoryLimit: 4000,
    receivedBytes: 0,
  });
});

test('a container that was started again counts from the beginning', () => {
  expect(statsOf(raw(5, 2000), raw(50, 1000)).cpu).toBeUndefined();
});

test('traffic of all its networks', () => {
  const networks = { eth0: { rx_bytes: 1, tx_bytes: 2 }, eth1: { rx_bytes: 10, tx_bytes: 20 } };
  expect(statsOf(raw(0, 0, { networks, pids_stats: { current: 3 } }), undefined)).toMatchObject({
    receivedBytes: 11,
    sentBytes: 22,
    processes: 3,
  });
});

test('one that does not run answers with little', () => {
  const parsed = statsSchema.parse({
    cpu_stats: { cpu_usage: { total_usage: 0 } },
    memory_stats: {},
    networks: null,
  });
  expect(statsOf(parsed, undefined)).toMatchObject({ memoryBytes: 0, processes: 0 });
});
