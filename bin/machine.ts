/**
 * `npm run machine`: Drydock machines without a browser. The same snapshot and the same `Machine` as in
 * the app, so it is the quickest way to try anything, for authors and for CI.
 *
 *   npm run --silent machine -- exec [--timeout S] [--json] 'SCRIPT'   (`-`: the script is on standard input)
 *   npm run --silent machine -- exec --nodes 3 --node node2 'ping -c 1 node3'
 *   npm run --silent machine -- shell                                   (Ctrl+] leaves it)
 */
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { buildImage } from '../images/build.ts';
import { NODE_NAMES, type NodeName } from '../worker/net/lan.ts';
import { Cluster } from '../worker/node/cluster.ts';
import type { ProfileName } from '../worker/protocol.ts';

const USAGE = `usage: npm run machine -- exec [--timeout SECONDS] [--json] [MACHINES] SCRIPT|-
       npm run machine -- shell [MACHINES]
MACHINES: [--nodes 1..${NODE_NAMES.length}] [--node NAME] [--profile standard|small]
  --nodes: how many machines there are, on one network; --node: which of them is meant (node1)`;

/** Ctrl+], telnet's escape: everything else belongs to the machine. */
const LEAVE = 0x1d;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    timeout: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
    nodes: { type: 'string', default: '1' },
    node: { type: 'string', default: 'node1' },
    profile: { type: 'string', default: 'standard' },
  },
});
const [action, script] = positionals;
const timeout = Number(values.timeout);
const names = NODE_NAMES.slice(0, Number(values.nodes));
const name = names.find((one) => one === values.node);

if (!name) {
  console.error(`There is no ${values.node} among ${names.join(', ') || 'no nodes'}.\n${USAGE}`);
  process.exitCode = 2;
} else if (action === 'exec' && script !== undefined && timeout > 0) {
  process.exitCode = await exec(name, script === '-' ? await text(process.stdin) : script);
} else if (action === 'shell' && process.stdin.isTTY) {
  await shell(name);
} else {
  console.error(action === 'shell' ? 'shell needs a terminal on standard input' : USAGE);
  process.exitCode = 2;
}

async function start(): Promise<Cluster> {
  const cluster = new Cluster(await buildImage(), { profile: values.profile as ProfileName });
  await cluster.start(names.length);
  return cluster;
}

async function exec(node: NodeName, source: string): Promise<number> {
  const cluster = await start();
  try {
    const result = await cluster.node(node).exec(source, { timeout });
    if (values.json) {
      console.log(JSON.stringify(result));
    } else {
      process.stdout.write(result.stdout);
      process.stderr.write(result.stderr);
      if (result.timedOut) console.error(`The script was ended after ${timeout} s.`);
    }
    return result.exitCode;
  } finally {
    await cluster.destroy();
  }
}

async function shell(node: NodeName): Promise<void> {
  const cluster = await start();
  const machine = cluster.node(node);
  const { stdin, stdout } = process;
  const resize = (): void => {
    void machine.resize(0, stdout.columns, stdout.rows);
  };
  cluster.subscribe(node, (event) => {
    if (event.type === 'output' && event.console === 0) stdout.write(event.bytes);
    if (event.type !== 'state') return;
    if (event.state === 'off') console.error('\r\nThe machine is powered off. Ctrl+] leaves.');
    if (event.state === 'running') resize();
  });
  console.error(`A Drydock machine, ${node} of ${names.length}. Ctrl+] leaves it.`);
  resize();
  stdout.on('resize', resize);
  await machine.send(0, Uint8Array.of(0x0d));
  stdin.setRawMode(true);
  await new Promise<void>((resolve) => {
    stdin.on('data', (bytes: Buffer) => {
      if (bytes.includes(LEAVE)) resolve();
      else void machine.send(0, bytes);
    });
  });
  stdin.setRawMode(false);
  stdin.pause();
  await cluster.destroy();
}
