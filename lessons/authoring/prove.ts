/**
 * Proves lessons on machines: every task (see `engine/proof.ts`) and the commands that readers click, some side by side.
 * What was proved is kept in the cache under a hash of the lesson's scripts, of this code and of the machine, so that a
 * run that was interrupted goes on where it was, and a corrected sentence costs nothing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import { hashInputs, outputFolder } from '../../images/pipeline/cache.ts';
import { readLesson } from '../folder.ts';
import { allBlocks, lessonTasks, type Lesson } from '../format/lesson.ts';
import { COMMANDS, type PartProof, type ProofJob } from './proof-job.ts';

const here = import.meta.dirname;

/** The code that a proof depends on, besides the parser, whose result is compared. */
const CODE = ['../engine/check.ts', '../engine/proof.ts', 'proof-job.ts', 'walk.ts'].map((file) =>
  join(here, file),
);

export interface ProveOptions {
  /** Of the lessons. */
  folder: string;
  ids: string[];
  /** Folder of the release whose machine is used. */
  release: string;
  /** Machines side by side; by default, as many as there are processors. */
  jobs?: number | undefined;
  /** Proves what was proved before, too. */
  again?: boolean;
  /** Called with each part when it is known. */
  onProof?: (proof: PartProof, from: 'cache' | 'machine') => void;
}

/** Proves the lessons; resolves with all parts, in the order of lessons and text. */
export async function proveLessons(options: ProveOptions): Promise<PartProof[]> {
  const { folder, ids, release, jobs = availableParallelism(), again = false, onProof } = options;
  const machine = machineOf(release);
  const parts = ids.flatMap((id) => {
    const lesson = readLesson(folder, id);
    const hash = hashInputs([machine, decisive(lesson)], CODE);
    return partsOf(lesson).map((part) => ({
      job: { folder, lesson: id, part, release },
      file: join(outputFolder('proofs', hash), `${id}.${part}.json`),
    }));
  });
  const pool = new Tinypool({
    filename: fileURLToPath(new URL('proof-job.ts', import.meta.url)),
    runtime: 'child_process',
    minThreads: 1,
    maxThreads: jobs,
    execArgv: ['--import', 'tsx'],
  });
  try {
    return await Promise.all(
      parts.map(async ({ job, file }) => {
        const kept = again ? undefined : readKept(file);
        const proof = kept ?? ((await pool.run(job satisfies ProofJob)) as PartProof);
        if (!kept && proof.proved) keep(file, proof);
        onProof?.(proof, kept ? 'cache' : 'machine');
        return proof;
      }),
    );
  } finally {
    await pool.destroy();
  }
}

/** What a machine is: its release's manifest, but for the number of the build. */
function machineOf(release: string): string {
  const manifest = JSON.parse(readFileSync(join(release, 'manifest.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  return JSON.stringify({ ...manifest, build: undefined });
}

/** What of a lesson decides about its proof: all but its text. */
function decisive(lesson: Lesson): string {
  const tasks = lessonTasks(lesson).map((task) => ({ ...task, title: '', hints: [] }));
  const commands = lesson.steps.flatMap(({ blocks }) =>
    allBlocks(blocks).filter(({ kind }) => kind === 'run'),
  );
  return JSON.stringify([lesson.id, tasks, commands, lesson.values]);
}

/** The parts of a lesson that are proved one by one. */
function partsOf(lesson: Lesson): string[] {
  const hasCommands = lesson.steps.some(({ blocks }) => allBlocks(blocks).some(({ kind }) => kind === 'run'));
  return [...lessonTasks(lesson).map(({ id }) => id), ...(hasCommands ? [COMMANDS] : [])];
}

function readKept(file: string): PartProof | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as PartProof) : undefined;
}

function keep(file: string, proof: PartProof): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(proof));
}
