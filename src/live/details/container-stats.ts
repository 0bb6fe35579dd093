/** What a container uses, from two readings of the Engine, as `docker stats` counts it. */
import { z } from '../../../worker/schema.ts';

const number = z._default(z.number(), 0);

/** What is read of `GET /containers/ID/stats?stream=false&one-shot=true`. */
export const statsSchema = z.object({
  cpu_stats: z.object({
    cpu_usage: z.object({ total_usage: number }),
    system_cpu_usage: number,
    online_cpus: z._default(z.number(), 1),
  }),
  memory_stats: z.object({
    usage: number,
    limit: number,
    stats: z.nullish(z.object({ inactive_file: number })),
  }),
  networks: z.nullish(z.record(z.string(), z.object({ rx_bytes: number, tx_bytes: number }))),
  pids_stats: z.nullish(z.object({ current: number })),
});
export type RawStats = z.infer<typeof statsSchema>;

export interface ContainerStats {
  /** Share of one processor, 0 to the number of processors; undefined for a first reading. */
  cpu: number | undefined;
  memoryBytes: number;
  memoryLimit: number;
  receivedBytes: number;
  sentBytes: number;
  processes: number;
}

/** @param before the reading before, of the same container */
export function statsOf(raw: RawStats, before: RawStats | undefined): ContainerStats {
  const networks = Object.values(raw.networks ?? {});
  const { usage, limit, stats } = raw.memory_stats;
  return {
    cpu: before && cpuShare(raw.cpu_stats, before.cpu_stats),
    // What the page cache could give back is not counted.
    memoryBytes: Math.max(0, usage - (stats?.inactive_file ?? 0)),
    memoryLimit: limit,
    receivedBytes: networks.reduce((sum, { rx_bytes }) => sum + rx_bytes, 0),
    sentBytes: networks.reduce((sum, { tx_bytes }) => sum + tx_bytes, 0),
    processes: raw.pids_stats?.current ?? 0,
  };
}

function cpuShare(now: RawStats['cpu_stats'], before: RawStats['cpu_stats']): number | undefined {
  const system = now.system_cpu_usage - before.system_cpu_usage;
  const own = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  return system > 0 && own >= 0 ? (own / system) * now.online_cpus : undefined;
}
