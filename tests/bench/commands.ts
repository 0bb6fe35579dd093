/** Ten everyday commands: timed in the browser and in qemu, and counted in guest instructions by the guard. */
export interface TimedCommand {
  id: string;
  title: string;
  script: string;
  /** Run once before, not timed. */
  before?: string;
  /** Run after each time, not timed. */
  after?: string;
  /** How many times; the median counts. */
  times: number;
  goal?: string;
}

export const FIRST_CONTAINER = 'docker run --rm busybox true';

const BUILD = `mkdir -p /tmp/three && cd /tmp/three && printf 'FROM busybox\\nRUN echo one > /one\\nRUN echo two > /two\\n' > Dockerfile`;

const COMPOSE = `mkdir -p /tmp/two && cd /tmp/two && printf 'services:\\n  one: &service\\n    image: busybox\\n    command: sleep 10000\\n  two: *service\\n' > compose.yaml`;

/** In the order of running: some work on what those before them started. */
export const COMMANDS: TimedCommand[] = [
  {
    id: 'run-warm',
    title: 'docker run --rm busybox true, warm',
    script: FIRST_CONTAINER,
    times: 10,
    goal: '≤ 1.8 s, ≤ 200 Mi',
  },
  { id: 'ps', title: 'docker ps', script: 'docker ps', times: 5, goal: '≤ 0.3 s' },
  { id: 'images', title: 'docker images', script: 'docker images', times: 5 },
  {
    id: 'exec',
    title: 'docker exec',
    before: 'docker run -d --name bench busybox sleep 10000',
    script: 'docker exec bench true',
    times: 5,
    goal: '≤ 0.6 s',
  },
  { id: 'logs', title: 'docker logs', script: 'docker logs bench', times: 5 },
  {
    id: 'run-port',
    title: 'docker run -d -p',
    script: 'docker run -d -p 8080:80 --name web busybox httpd -f -h /etc',
    after: 'docker rm -f web',
    times: 5,
  },
  {
    id: 'rm',
    title: 'docker rm -f',
    before: 'docker run -d --name victim busybox sleep 10000',
    script: 'docker rm -f victim',
    after: 'docker run -d --name victim busybox sleep 10000',
    times: 5,
  },
  {
    id: 'network',
    title: 'docker network create',
    script: 'docker network create side',
    after: 'docker network rm side',
    times: 5,
  },
  {
    id: 'build-3',
    title: 'docker build of three steps, nothing cached',
    before: BUILD,
    script: 'cd /tmp/three && docker build --no-cache -q .',
    times: 3,
    goal: '≤ 6 s',
  },
  {
    id: 'compose-up',
    title: 'docker compose up -d of two services',
    before: COMPOSE,
    script: 'cd /tmp/two && docker compose up -d',
    after: 'cd /tmp/two && docker compose down -t 0',
    times: 3,
    goal: '≤ 5 s',
  },
];

/** Runs a command as often as it says, with what belongs before and after; resolves with what `run` gave each time. */
export async function repeat<Cost>(
  { script, before, after, times }: Pick<TimedCommand, 'script' | 'before' | 'after' | 'times'>,
  run: (script: string) => Promise<Cost>,
): Promise<Cost[]> {
  if (before) await run(before);
  const costs: Cost[] = [];
  for (let i = 0; i < times; i++) {
    costs.push(await run(script));
    if (after) await run(after);
  }
  return costs;
}

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
