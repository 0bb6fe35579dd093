/** What the benchmark measures, and the report's form: `{machine, browser, metrics}`. */
export interface Metric {
  id: string;
  /** What was done, for the table. */
  title: string;
  seconds: number | null;
  /** Guest instructions. */
  instructions: number | null;
  bytes: number | null;
  /** The goal, in the unit of the figure it is about. */
  goal: string | null;
  /** Seconds here over seconds in `qemu-system-i386 -accel tcg` with the same kernel, disk and command. */
  qemuRatio: number | null;
}

export interface Report {
  machine: string;
  browser: string;
  metrics: Metric[];
}

/** A command that is timed inside the machine. */
export interface TimedCommand {
  id: string;
  title: string;
  script: string;
  /** Run once before, not timed. */
  before?: string;
  /** How many times; the median counts. */
  times: number;
  goal: string | null;
}

const BUILD = `mkdir -p /tmp/three && cd /tmp/three && printf 'FROM busybox\\nRUN echo one > /one\\nRUN echo two > /two\\n' > Dockerfile`;

/** In the order of measuring: `run-first` must be the first container after a restore. */
export const COMMANDS: TimedCommand[] = [
  {
    id: 'run-first',
    title: 'docker run --rm busybox true, first',
    script: 'docker run --rm busybox true',
    times: 1,
    goal: '≤ 4 s',
  },
  {
    id: 'run-warm',
    title: 'the same, median of ten',
    script: 'docker run --rm busybox true',
    times: 10,
    goal: '≤ 1.8 s',
  },
  { id: 'ps', title: 'docker ps', script: 'docker ps', times: 5, goal: '≤ 0.3 s' },
  {
    id: 'exec',
    title: 'docker exec',
    before: 'docker run -d --name bench busybox sleep 10000',
    script: 'docker exec bench true',
    times: 5,
    goal: '≤ 0.6 s',
  },
  {
    id: 'build-3',
    title: 'docker build of three steps, nothing cached',
    before: BUILD,
    script: 'cd /tmp/three && docker build --no-cache -q .',
    times: 3,
    goal: '≤ 6 s',
  },
];

/** Runs a timed command inside a machine and prints the seconds that it took there. */
export function timed(script: string): string {
  return `s=$EPOCHREALTIME; ( ${script} ) >/dev/null 2>&1 || exit 1; e=$EPOCHREALTIME; echo "$s $e" | awk '{ print $2 - $1 }'`;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]];
  return (low + high) / 2;
}
