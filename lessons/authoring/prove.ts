/**
 * Proves lessons on machines: every task (see `engine/proof.ts`) and the commands that readers click, some side by side.
 * What was proved is kept in the cache under a hash of the lesson's scripts, of the rules and of the machine, so that a
 * run that was interrupted goes on where it was, and a corrected sentence costs nothing. It is also noted in `proved.json`
 * beside the lesson, without the machine, for runs that have no cache and not the hours: those of CI.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import { hashInputs, outputFolder } from '../../images/pipeline/cache.ts';
import { PROOF_RULES } from '../engine/proof.ts';
import { readLesson } from '../folder.ts';
import { lessonClicks, lessonTasks, type Lesson } from '../format/lesson.ts';
import { proofInputs } from './proof-inputs.ts';
import { COMMANDS, type PartProof, type ProofJob } from './proof-job.ts';
import { WALK_RULES } from './walk.ts';

export interface ProveOptions {
  /** Of the lessons. */
  folder: string;
  ids: string[];
  /** Folder of the release whose machine is used. */
  release: string;
  /**
   * Machines side by side; by default, as many as there are processors. Lessons with several machines come one after the
   * other.
   */
  jobs?: number | undefined;
  /** What is taken for proved without a machine: nothing, what the cache has, or what is noted beside the lesson too. */
  trust?: 'nothing' | 'cache' | 'notes';
  /** Called with each part when it is known. */
  onProof?: (proof: PartProof, from: ProofOrigin) => void;
}

/** Where a proof comes from. */
export type ProofOrigin = 'machine' | 'cache' | 'notes';

/** A part to prove, and where what is known of it is kept. */
interface Part {
  job: ProofJob;
  /** How many machines it needs. */
  nodes: number;
  /** In the cache. */
  file: string;
  /** Beside the lesson. */
  note: Note;
}

/** Proves the lessons; resolves with all parts, in the order of lessons and text. */
export async function proveLessons(options: ProveOptions): Promise<PartProof[]> {
  const { folder, ids, release, jobs = availableParallelism(), trust = 'cache', onProof } = options;
  const machine = machineOf(release);
  const parts = ids.flatMap((id): Part[] => {
    const lesson = readLesson(folder, id);
    return partsOf(lesson).map((part) => {
      const inputs = [proofInputs(lesson, part), String(part === COMMANDS ? WALK_RULES : PROOF_RULES)];
      const cache = outputFolder('proofs', hashInputs([machine, ...inputs], []));
      return {
        job: { folder, lesson: id, part, release },
        nodes: lesson.nodes,
        file: join(cache, `${id}.${part}.json`),
        note: new Note(join(folder, id, 'proved.json'), part, hashInputs(inputs, [])),
      };
    });
  });
  const proofs = new Map<Part, PartProof>();
  const proveAll = async (some: Part[], maxThreads: number): Promise<void> => {
    const pool = new Tinypool({
      filename: fileURLToPath(new URL('proof-job.ts', import.meta.url)),
      runtime: 'child_process',
      minThreads: 0,
      maxThreads,
      execArgv: ['--import', 'tsx'],
    });
    try {
      await Promise.all(
        some.map(async (part) => {
          const { proof, from } = knownProof(part, trust) ?? {
            proof: (await pool.run(part.job)) as PartProof,
            from: 'machine',
          };
          if (proof.proved && from !== 'notes') {
            keep(part.file, proof);
            part.note.write();
          }
          onProof?.(proof, from);
          proofs.set(part, proof);
        }),
      );
    } finally {
      await pool.destroy();
    }
  };
  await proveAll(
    parts.filter(({ nodes }) => nodes === 1),
    jobs,
  );
  await proveAll(
    parts.filter(({ nodes }) => nodes > 1),
    1,
  );
  return parts.flatMap((part) => proofs.get(part) ?? []);
}

/** What is known of a part and trusted. */
function knownProof(
  { job, file, note }: Part,
  trust: ProveOptions['trust'],
): { proof: PartProof; from: ProofOrigin } | undefined {
  if (trust === 'nothing') return undefined;
  if (existsSync(file)) return { proof: JSON.parse(readFileSync(file, 'utf8')) as PartProof, from: 'cache' };
  if (trust === 'cache' || !note.holds) return undefined;
  return {
    proof: { lesson: job.lesson, part: job.part, proved: true, seconds: 0, findings: [] },
    from: 'notes',
  };
}

/** In `proved.json` beside a lesson: of which scripts and code a part was proved. */
class Note {
  constructor(
    private readonly file: string,
    private readonly part: string,
    private readonly hash: string,
  ) {}

  get holds(): boolean {
    return this.#read()[this.part] === this.hash;
  }

  write(): void {
    if (this.holds) return;
    writeFileSync(this.file, `${JSON.stringify({ ...this.#read(), [this.part]: this.hash }, null, 2)}\n`);
  }

  #read(): Record<string, string> {
    return existsSync(this.file)
      ? (JSON.parse(readFileSync(this.file, 'utf8')) as Record<string, string>)
      : {};
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

/** The parts of a lesson that are proved one by one. */
function partsOf(lesson: Lesson): string[] {
  const hasClicks = lessonClicks(lesson).length > 0;
  return [...lessonTasks(lesson).map(({ id }) => id), ...(hasClicks ? [COMMANDS] : [])];
}

function keep(file: string, proof: PartProof): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(proof));
}
