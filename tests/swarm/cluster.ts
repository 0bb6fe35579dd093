/** A cluster for tests: several nodes on a LAN, each in a thread of its own, and what is done and waited for on them. */
import { expect, inject } from 'vitest';
import type { NodeName } from '../../worker/net/lan.ts';
import { Cluster } from '../../worker/node/cluster.ts';
import type { ProfileName, RemoteMachine } from '../../worker/protocol.ts';

/** Deadline of a script in seconds: five emulated machines may share two cores. */
const TIMEOUT = 240;

/** How long a cluster may take to come to a state, in milliseconds. */
const STATE_MILLISECONDS = 240_000;

const LOOK_MILLISECONDS = 1000;

export interface TestCluster {
  cluster: Cluster;
  node: (name: NodeName) => RemoteMachine;
  /** Runs a script that must succeed on a node; resolves with its trimmed standard output. */
  on: (name: NodeName, script: string) => Promise<string>;
  /** Runs a script that must fail on a node; resolves with what it printed. */
  failing: (name: NodeName, script: string) => Promise<string>;
  /** Runs a script on a node until what it prints matches; resolves with that. */
  until: (name: NodeName, script: string, expected: RegExp | string) => Promise<string>;
}

export async function startCluster(count: number, profile: ProfileName = 'standard'): Promise<TestCluster> {
  const cluster = new Cluster(inject('release'), { profile });
  await cluster.start(count);
  return testCluster(cluster);
}

function testCluster(cluster: Cluster): TestCluster {
  const run = async (name: NodeName, script: string) => {
    const { exitCode, stdout, stderr } = await cluster.node(name).exec(script, { timeout: TIMEOUT });
    return { exitCode, stdout: stdout.trim(), all: `${stdout}${stderr}`.trim() };
  };
  return {
    cluster,
    node: (name) => cluster.node(name),
    async on(name, script) {
      const { exitCode, stdout, all } = await run(name, script);
      expect(exitCode, `${name}: ${script}\n${all}`).toBe(0);
      return stdout;
    },
    async failing(name, script) {
      const { exitCode, all } = await run(name, script);
      expect(exitCode, `${name}: ${script}\n${all}`).not.toBe(0);
      return all;
    },
    async until(name, script, expected) {
      const deadline = Date.now() + STATE_MILLISECONDS;
      for (;;) {
        const { all } = await run(name, script);
        if (typeof expected === 'string' ? all === expected : expected.test(all)) return all;
        if (Date.now() > deadline)
          throw new Error(`${name}: ${script}\ndid not come to ${String(expected)}; last:\n${all}`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
      }
    },
  };
}

/** Forms a swarm of which node1 is the first manager. */
export async function formSwarm(
  { on }: Pick<TestCluster, 'on'>,
  managers: readonly NodeName[],
  workers: readonly NodeName[] = [],
): Promise<void> {
  await on('node1', 'docker swarm init --advertise-addr 192.168.86.101');
  for (const [names, role] of [
    [managers, 'manager'],
    [workers, 'worker'],
  ] as const) {
    const token = await on('node1', `docker swarm join-token -q ${role}`);
    for (const name of names) await on(name, `docker swarm join --token ${token} node1:2377`);
  }
}

/** Prints how many tasks of a service run, as `3/3`. */
export const replicas = (service: string): string =>
  `docker service ls --filter name=${service} --format '{{.Replicas}}'`;
