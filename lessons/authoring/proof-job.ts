/**
 * One piece of a lesson's proof: a task, or all its commands in order. A job runs in a process of its own (tinypool calls
 * the default export), which keeps its machine for the next one.
 */
import { FolderSource } from '../../worker/node/folder-source.ts';
import { Machine } from '../../worker/vm/machine.ts';
import { proveTask, type Finding } from '../engine/proof.ts';
import { readLesson } from '../folder.ts';
import { lessonTasks } from '../format/lesson.ts';
import { walkLesson } from './walk.ts';

/** In the place of a task's id: the commands of the lesson. */
export const COMMANDS = 'commands';

export interface ProofJob {
  /** Of the lessons. */
  folder: string;
  lesson: string;
  /** A task's id, or `COMMANDS`. */
  part: string;
  /** Folder of the release whose machine is used. */
  release: string;
}

/** What came of a job. */
export interface PartProof {
  lesson: string;
  part: string;
  proved: boolean;
  seconds: number;
  findings: Finding[];
}

/**
 * What checks are made of. In a new process V8 compiles the code behind it, and for half a minute everything is several
 * times as slow as a reader would have it: a check must not miss its deadline for that.
 */
const WARM_UP = 'docker ps && curl -s --unix-socket /var/run/docker.sock http://docker/images/json | jq .';
const WARM_UP_SECONDS = 120;

// Whoever waits for the proof is gone: a machine would go on for nobody.
process.once('disconnect', () => process.exit(1));

let machine: Machine | undefined;

async function freshMachine(release: string): Promise<Machine> {
  if (machine?.state === 'running') {
    await machine.reset();
    return machine;
  }
  await machine?.destroy();
  machine = new Machine({ source: new FolderSource(release), checkpoints: true });
  await machine.load();
  await machine.exec(WARM_UP, { timeout: WARM_UP_SECONDS });
  await machine.reset();
  return machine;
}

/** Proves a part. What goes wrong with the machine itself is a finding too. */
export default async function prove({ folder, lesson: id, part, release }: ProofJob): Promise<PartProof> {
  const begun = performance.now();
  let findings: Finding[];
  try {
    findings = await findingsOf(folder, id, part, release);
  } catch (error) {
    const { stack, message } = error as Error;
    findings = [{ situation: 'the machine', expected: 'pass', ok: false, message: stack ?? message }];
  }
  const seconds = (performance.now() - begun) / 1000;
  return { lesson: id, part, proved: findings.every(({ ok }) => ok), seconds, findings };
}

async function findingsOf(folder: string, id: string, part: string, release: string): Promise<Finding[]> {
  const lesson = readLesson(folder, id);
  if (part === COMMANDS) {
    const walked = await walkLesson(await freshMachine(release), lesson);
    return walked.map(({ step, command, ok, message }) => ({
      situation: `${step}: ${command}`,
      expected: 'pass',
      ok,
      message,
    }));
  }
  const task = lessonTasks(lesson).find((one) => one.id === part);
  if (!task) throw new Error(`The lesson ${id} has no task ${part}.`);
  let fresh: Machine;
  const proof = await proveTask(
    {
      exec: (script, options) => fresh.exec(script, options),
      fresh: async () => {
        fresh = await freshMachine(release);
      },
      checkpoint: async () => {
        const checkpoint = await fresh.checkpoint();
        return () => fresh.returnTo(checkpoint);
      },
    },
    lesson,
    task,
  );
  return proof.findings;
}
