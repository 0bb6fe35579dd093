/** The benchmark's report: `{machine, browser, metrics}`. In JSON, what does not apply to a metric is null. */
export interface Metric {
  id: string;
  /** What was done, for the table. */
  title: string;
  seconds?: number;
  /** Guest instructions. */
  instructions?: number;
  bytes?: number;
  /** In the unit of the figure that it is about. */
  goal?: string;
  /** Seconds here over seconds in `qemu-system-i386 -accel tcg` with the same kernel, disk and command. */
  qemuRatio?: number;
  /** The figure here over the one of the first measurement (first.json). */
  firstRatio?: number;
}

export interface Report {
  machine: string;
  browser: string;
  metrics: Metric[];
}

/** A metric as JSON has it. */
export function withNulls(metric: Metric): Record<string, unknown> {
  const blank = {
    seconds: null,
    instructions: null,
    bytes: null,
    goal: null,
    qemuRatio: null,
    firstRatio: null,
  };
  return { ...blank, ...metric };
}
