/**
 * One piece of a lesson's proof: a task, or all its commands in order. A job runs in a process of its own (tinypool calls
 * the default export), which keeps its machines for the next one.
 */
import { proveTask, type Finding } from '../engine/proof.ts';
import { readLesson } from '../folder.ts';
import { lessonTasks, type Lesson } from '../format/lesson.ts';
import { LessonGround } from './proof-machines.ts';
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

// Whoever waits for the proof is gone: machines would go on for nobody.
process.once('disconnect', () => process.exit(1));

let ground: LessonGround | undefined;

/** The machines that `lesson` needs, whatever was done on them. */
async function groundFor(release: string, lesson: Lesson): Promise<LessonGround> {
  if (!(await ground?.suits(lesson))) {
    await ground?.destroy();
    ground = undefined;
  }
  ground ??= await LessonGround.start(release, lesson);
  return ground;
}

/** Proves a part. What goes wrong with the machines themselves is a finding too. */
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
  const machines = await groundFor(release, lesson);
  if (part === COMMANDS) {
    await machines.fresh();
    const walked = await walkLesson(machines, lesson);
    return walked.map(({ step, command, ok, message }) => ({
      situation: `${step}: ${command}`,
      expected: 'pass',
      ok,
      message,
    }));
  }
  const task = lessonTasks(lesson).find((one) => one.id === part);
  if (!task) throw new Error(`The lesson ${id} has no task ${part}.`);
  const proof = await proveTask(machines, lesson, task);
  return proof.findings;
}
