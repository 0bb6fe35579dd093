/**
 * `npm run bench:profile [-- COMMAND]`: where the guest instructions of a command go, by process and function, seen
 * from outside: after each turn of the run loop the instruction pointer and the current task are noted, weighted with
 * the instructions of the turn. Prints the shares, and writes folded stacks ("process;function count"), which
 * flamegraph.pl and speedscope.app draw.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildImage } from '../../images/build.ts';
import { install } from '../../images/install.ts';
import { FolderSource } from '../../worker/node/folder-source.ts';
import { Machine } from '../../worker/vm/machine.ts';
import { FIRST_CONTAINER } from './commands.ts';
import { GuestMemory } from './guest-memory.ts';
import { goSymbols, kernelSymbols, type Symbols } from './symbols.ts';

const RUNS = 5;
const WARM_UPS = 3;
const LINES = 40;

/** Where Linux loads position-independent programs when it does not randomise addresses (ELF_ET_DYN_BASE). */
const UNRANDOMISED_BASE = 0x400000;

/** The Go programs that are looked into, by the name of their process. */
const PROGRAMS: Record<string, string> = {
  dockerd: '/usr/sbin/dockerd',
  docker: '/usr/bin/docker',
  containerd: '/usr/bin/containerd',
  'containerd-shim': '/usr/bin/containerd-shim-runc-v2',
};

/** `mov eax, [current_task]`, with which the system call getpid begins. */
const LOAD_CURRENT = 0xa1;

const command = process.argv[2] ?? FIRST_CONTAINER;
const machine = new Machine({ source: new FolderSource(await buildImage()) });
await machine.load();
const { emulator } = machine.hardware;
const memory = new GuestMemory(emulator);
const sh = async (script: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await machine.exec(script, { timeout: 300 });
  if (exitCode !== 0) throw new Error(`${script}: exit code ${exitCode}: ${stderr}`);
  return stdout;
};

await sh('echo 0 > /proc/sys/kernel/randomize_va_space');
const kallsyms = await sh('grep -i " t " /proc/kallsyms');
const kernel = kernelSymbols(kallsyms);
const addressOf = (name: string): number =>
  parseInt(new RegExp(`^(\\w+) \\w ${name}$`, 'm').exec(kallsyms)?.[1] ?? '', 16);
const interrupt = addressOf('asm_sysvec_apic_timer_interrupt');
const currentTask = currentTaskAddress();
const programs = await readPrograms();
const commOffset = await findCommOffset();

for (let i = 0; i < WARM_UPS; i++) await sh(command);
const counts = new Map<string, number>();
let last = emulator.instructions();
let sampling = false;
emulator.onTurn(() => {
  const now = emulator.instructions();
  if (sampling) {
    const key = sample();
    counts.set(key, (counts.get(key) ?? 0) + now - last);
  }
  last = now;
});
for (let i = 0; i < RUNS; i++) {
  sampling = true;
  await sh(command);
  sampling = false;
}
await machine.destroy();

const folded = [...counts].sort(([, a], [, b]) => b - a);
const file = join(mkdtempSync(join(tmpdir(), 'drydock-profile-')), 'stacks.folded');
writeFileSync(file, folded.map(([key, count]) => `${key} ${count}`).join('\n'));
const total = folded.reduce((sum, [, count]) => sum + count, 0);
console.log(`${command}: ${mega(total)} Mi a run, agent included; stacks for a flame graph in ${file}\n`);
print(byProcess());
print(folded);

/** "process;function" of the moment. A turn often ends where the timer interrupts: then the interrupted place counts. */
function sample(): string {
  const { instructionPointer, stackPointer, ring } = emulator.processorState();
  const process = memory.text(memory.word(currentTask) + commOffset);
  const interrupted = ring === 0 && instructionPointer === interrupt;
  const address = interrupted ? memory.mappedWord(stackPointer) : instructionPointer;
  const inKernel = interrupted ? (memory.mappedWord(stackPointer + 4) & 3) === 0 : ring === 0;
  if (inKernel) return `${process};kernel;${kernel.name(address) ?? 'unknown'}`;
  const program = programs.get(process);
  return `${process};${program?.symbols.name(address - program.base) ?? 'user'}`;
}

function currentTaskAddress(): number {
  const code = addressOf('__ia32_sys_getpid');
  for (let i = 0; i < 32; i++)
    if ((memory.word(code + i) & 0xff) === LOAD_CURRENT) return memory.word(code + i + 1);
  throw new Error('getpid does not begin as it did: where is current_task?');
}

async function readPrograms(): Promise<Map<string, { symbols: Symbols; base: number }>> {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-programs-'));
  const found = new Map<string, { symbols: Symbols; base: number }>();
  for (const [process, path] of Object.entries(PROGRAMS)) {
    const copy = join(folder, process);
    execFileSync('debugfs', ['-R', `dump ${path} ${copy}`, join(install.output, 'disk.img')], {
      stdio: 'ignore',
    });
    const program = readFileSync(copy);
    const fixed = program.readUInt16LE(16) === 2;
    const maps = await sh(`cat /proc/$(pidof -s ${process})/maps 2>/dev/null | head -1 || true`);
    const base = fixed ? 0 : parseInt(maps, 16) || UNRANDOMISED_BASE;
    found.set(process, { symbols: goSymbols(program), base });
  }
  rmSync(folder, { recursive: true });
  return found;
}

/** Where `comm` lies in a task: the offset at which the names of running processes are seen. */
async function findCommOffset(): Promise<number> {
  const seen = new Map<number, number>();
  let looking = true;
  emulator.onTurn(() => {
    if (!looking) return;
    const task = memory.word(currentTask);
    for (let offset = 256; offset < 2560; offset += 4)
      if (/^(swapper|dockerd|docker|bash|containerd)$/.test(memory.text(task + offset)))
        seen.set(offset, (seen.get(offset) ?? 0) + 1);
  });
  await sh('docker ps');
  looking = false;
  const [best] = [...seen].sort(([, a], [, b]) => b - a);
  if (!best) throw new Error('no process name was seen in any task');
  return best[0];
}

function byProcess(): [string, number][] {
  const sums = new Map<string, number>();
  for (const [key, count] of counts) {
    const process = key.replace(/;.*/, '');
    sums.set(process, (sums.get(process) ?? 0) + count);
  }
  return [...sums].sort(([, a], [, b]) => b - a);
}

function mega(count: number): string {
  return (count / RUNS / 1e6).toFixed(1);
}

function print(rows: [string, number][]): void {
  for (const [key, count] of rows.slice(0, LINES))
    console.log(`${mega(count).padStart(7)} Mi ${((100 * count) / total).toFixed(1).padStart(5)} %  ${key}`);
  console.log();
}
