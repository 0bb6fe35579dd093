/** What can be said of lessons without a machine, beyond what the parser says. */
import { readFileSync } from 'node:fs';
import { parseReference } from '../../worker/hub/names.ts';
import { LABS, lessonFile, lessonIds, readLesson } from '../folder.ts';
import { lessonCommands, lessonTasks, scriptsIn, type Lesson } from '../format/lesson.ts';
import { LessonError, type Place, type Problem } from '../format/problem.ts';
import { bashProblem, joinedLines } from './bash.ts';
import { sleeps } from './checks.ts';
import { fullName, imagesIn } from './images.ts';

export interface LintOptions {
  /** Of the lessons. */
  folder: string;
  ids: string[];
  /** Tags of all images that the hub has, by repository, as in `docker.io/library/nginx`. */
  images: ReadonlyMap<string, readonly string[]>;
}

/** All problems of the lessons, those that the parser finds included. */
export function lintLessons({ folder, ids, images }: LintOptions): Problem[] {
  const known = new Set([...lessonIds(folder), ...lessonIds(LABS)]);
  return ids.flatMap((id) => {
    const file = lessonFile(folder, id);
    let lesson: Lesson;
    try {
      lesson = readLesson(folder, id);
    } catch (error) {
      if (error instanceof LessonError) return error.problems;
      return [{ file, line: 1, column: 1, message: (error as Error).message }];
    }
    const source = readFileSync(file, 'utf8');
    const problem = (text: string, message: string): Problem => ({ file, ...placeOf(text, source), message });
    return [
      ...lesson.images
        .map((image) => [image, missingImage(image, images)] as const)
        .flatMap(([image, message]) => (message === undefined ? [] : [problem(image, message)])),
      ...undeclaredImages(lesson).map((image) =>
        problem(image, `the lesson uses the image ${image}: expected it under “images”`),
      ),
      ...lesson.prerequisites
        .filter((other) => !known.has(other))
        .map((other) => problem(other, `“prerequisites”: there is no lesson ${other}`)),
      ...lessonTasks(lesson)
        .filter(({ mutations }) => mutations.length === 0)
        .map((task) =>
          problem(
            `{#${task.id}`,
            `expected at least one mutation block: a wrong answer that the check refuses`,
          ),
        ),
      ...lessonTasks(lesson)
        .filter(({ check }) => scriptsIn(check).some(({ script }) => sleeps(script)))
        .map((task) =>
          problem(
            `{#${task.id}`,
            'expected a check that does not sleep: it is asked again by itself, and the machine waits for it',
          ),
        ),
      ...scriptsOf(lesson).flatMap((script) => {
        const message = bashProblem(script);
        return message === undefined ? [] : [problem(script, `not well-formed bash: ${message}`)];
      }),
    ];
  });
}

/** What is wrong with an image that the lesson says it needs. */
function missingImage(image: string, images: LintOptions['images']): string | undefined {
  const reference = parseReference(image);
  const tags = reference && images.get(reference.repository);
  if (!tags) return `“images”: the hub has no image ${image}; \`npm run catalogue\` lists what it has`;
  if (tags.includes(reference.reference)) return undefined;
  return `“images”: the hub has no tag ${reference.reference} of it, but ${tags.join(', ')}`;
}

/** Images that commands, situations and solutions take from the hub, and that the front matter does not name. */
function undeclaredImages(lesson: Lesson): string[] {
  const commands = lessonCommands(lesson).filter(({ outcome }) => outcome !== 'fails');
  const scripts = [
    ...commands.map(({ command }) => command),
    ...lessonTasks(lesson).flatMap(({ init, solution }) =>
      scriptsIn([...init, ...solution]).map(({ script }) => script),
    ),
  ];
  const uses = scripts.flatMap((script) => joinedLines(script).map(({ text }) => imagesIn(text)));
  const known = new Set([...lesson.images, ...uses.flatMap(({ makes }) => makes)].map(fullName));
  return [...new Set(uses.flatMap(({ needs }) => needs))].filter((image) => !known.has(fullName(image)));
}

function scriptsOf(lesson: Lesson): string[] {
  const commands = lessonCommands(lesson).map(({ command }) => command);
  const scripts = lessonTasks(lesson).flatMap(({ init, check, solution, mutations }) =>
    scriptsIn([...init, ...check, ...solution, ...mutations.flatMap(({ actions }) => actions)]),
  );
  return [...commands, ...[...lesson.values, ...scripts].map(({ script }) => script)];
}

/** Where `text` stands in the file; code in a list or task is indented there as it is in no other place. */
function placeOf(text: string, source: string): Place {
  const [first = ''] = text.split('\n');
  const start = Math.max(0, source.includes(text) ? source.indexOf(text) : source.indexOf(first));
  const before = source.slice(0, start).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
