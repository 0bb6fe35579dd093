/** A stopwatch, as data. Pure: each operation gives a new one. */
import { z } from '../../worker/schema.ts';

/** Of `Stopwatch`, for what was stored. Times in milliseconds; `since` is when it was last started. */
export const stopwatchSchema = z.union([
  z.object({ state: z.literal('stopped'), before: z.number() }),
  z.object({ state: z.literal('running'), before: z.number(), since: z.number() }),
]);
export type Stopwatch = Readonly<z.output<typeof stopwatchSchema>>;

export const ZERO: Stopwatch = { state: 'stopped', before: 0 };

/** How long it has run, in milliseconds. */
export function elapsed(watch: Stopwatch, now: number): number {
  return watch.before + (watch.state === 'running' ? Math.max(0, now - watch.since) : 0);
}

/** Starts it, or stops it. */
export function toggled(watch: Stopwatch, now: number): Stopwatch {
  return watch.state === 'running'
    ? { state: 'stopped', before: elapsed(watch, now) }
    : { state: 'running', before: watch.before, since: now };
}

/** A length of time as a stopwatch shows it: `4:05`, `1:00:00`. */
export function watchTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}
