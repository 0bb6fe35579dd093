/**
 * Proves lessons on machines: every task (see `engine/proof.ts`) and the commands that readers click, some side by side.
 * What was proved is kept in the cache under a hash of the lesson, of this code and of the machine, so that a run that
 * was interrupted goes on where it was.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import { hashInputs, outputFolder } from '../../images/pipeline/cache.ts';
import { readLesson } from '../folder.ts';
import { allBlocks, lessonTasks, type Lesson } from '../format/lesson.ts';
import { COMMANDS, type PartProof, type ProofJob } from './proof-job.ts';

const here = import.meta.dirname;

/** The code that a proof depends on. */
const CODE = [
  join(here, '../engine'),
  join(here, '../format'),
  join(here, 'proof-job.ts'),
  join(here, 'walk.ts'),
];

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
  const parts = ids.flatMap((id) => {
    const lesson = readLesson(folder, id);
    const hash = hashInputs([basename(release)], [join(folder, id), ...CODE]);
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
