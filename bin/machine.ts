/**
 * `npm run machine`: a Drydock machine without a browser. The same snapshot and the same `Machine` as in
 * the app, so it is the quickest way to try anything, for authors and for CI.
 *
 *   npm run --silent machine -- exec [--timeout S] [--json] 'SCRIPT'   (`-`: the script is on standard input)
 *   npm run --silent machine -- shell                                   (Ctrl+] leaves it)
 */
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { buildImage } from '../images/build.ts';
import { FolderSource } from '../worker/node/folder-source.ts';
import type { ProfileName } from '../worker/protocol.ts';
import { Machine } from '../worker/vm/machine.ts';

const USAGE = `usage: npm run machine -- exec [--timeout SECONDS] [--json] [--profile standard|small] SCRIPT|-
       npm run machine -- shell [--profile standard|small]`;

/** Ctrl+], telnet's escape: everything else belongs to the machine. */
const LEAVE = 0x1d;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    timeout: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
    profile: { type: 'string', default: 'standard' },
  },
});
const [action, script] = positionals;
const timeout = Number(values.timeout);

if (action === 'exec' && script !== undefined && timeout > 0) {
  process.exitCode = await exec(script === '-' ? await text(process.stdin) : script);
} else if (action === 'shell' && process.stdin.isTTY) {
  await shell();
} else {
  console.error(action === 'shell' ? 'shell needs a terminal on standard input' : USAGE);
  process.exitCode = 2;
}

async function restore(): Promise<Machine> {
  const machine = new Machine({
    source: new FolderSource(await buildImage()),
    profile: values.profile as ProfileName,
  });
  await machine.load();
  return machine;
}

async function exec(source: string): Promise<number> {
  const machine = await restore();
  try {
    const result = await machine.exec(source, { timeout });
    if (values.json) {
      console.log(JSON.stringify(result));
    } else {
      process.stdout.write(result.stdout);
      process.stderr.write(result.stderr);
      if (result.timedOut) console.error(`The script was ended after ${timeout} s.`);
    }
    return result.exitCode;
  } finally {
    await machine.destroy();
  }
}

async function shell(): Promise<void> {
  const machine = await restore();
  const { stdin, stdout } = process;
  const resize = (): void => {
    machine.resize(0, stdout.columns, stdout.rows);
  };
  machine.subscribe((event) => {
    if (event.type === 'output' && event.console === 0) stdout.write(event.bytes);
    if (event.type === 'state' && event.state === 'off')
      console.error('\r\nThe machine is powered off. Ctrl+] leaves.');
  });
  console.error('A Drydock machine. Ctrl+] leaves it.');
  resize();
  stdout.on('resize', resize);
  machine.send(0, Uint8Array.of(0x0d));
  stdin.setRawMode(true);
  await new Promise<void>((resolve) => {
    stdin.on('data', (bytes: Buffer) => {
      if (bytes.includes(LEAVE)) resolve();
      else machine.send(0, bytes);
    });
  });
  stdin.setRawMode(false);
  stdin.pause();
  await machine.destroy();
}
