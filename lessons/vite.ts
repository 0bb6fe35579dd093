/**
 * The Vite plugin that turns the lessons into modules while the app is built, so that no Markdown parser
 * reaches the browser:
 *
 *   virtual:lessons       what the lesson list shows, in learning order, with a `load()` for each lesson
 *   virtual:lesson/<id>   one whole lesson, a chunk of its own
 */
import { join, relative, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';
import { inLearningOrder } from './format/curriculum.ts';
import { summarise, type Lesson } from './format/lesson.ts';
import { LessonError } from './format/problem.ts';
import { LABS, lessonIds, readLesson } from './folder.ts';

const LIST = 'virtual:lessons';
const LESSON = 'virtual:lesson/';

/** By convention of Rollup: the names of modules that are no files begin with a zero byte. */
const resolved = (name: string): string => `\0${name}`;

/** `lessonsFolder` holds a folder with a lesson.md for each lesson. */
export function lessons(lessonsFolder: string = LABS): Plugin {
  const folder = resolve(lessonsFolder);
  /** The pictures get their addresses from Vite, as any file that a module imports. */
  const lessonModule = (lesson: Lesson): string => {
    const imports = lesson.pictures.map(
      (path, i) => `import address${i} from ${JSON.stringify(`${join(folder, lesson.id, path)}?url`)};`,
    );
    const addresses = lesson.pictures.map((path, i) => `[${JSON.stringify(path)}, address${i}]`);
    return `import { placeFiles } from ${JSON.stringify(join(import.meta.dirname, 'format/file.ts'))};
${imports.join('\n')}
const lesson = ${JSON.stringify(JSON.stringify(lesson))};
export default JSON.parse(placeFiles(lesson, new Map([${addresses.join(', ')}])));`;
  };

  const list = (): string => {
    const summaries = lessonIds(folder).map((id) => summarise(readLesson(folder, id)));
    const entries = inLearningOrder(summaries).map(
      (summary) =>
        `{ ...${JSON.stringify(summary)}, load: async () => (await import('${LESSON}${summary.id}')).default }`,
    );
    return `export default [${entries.join(',\n')}];`;
  };

  return {
    name: 'drydock:lessons',
    // Pictures may lie outside of the app.
    config: () => ({ server: { fs: { allow: ['.', folder] } } }),
    resolveId: (name) => (name === LIST || name.startsWith(LESSON) ? resolved(name) : undefined),
    load(module) {
      const name = module.slice(1);
      if (module !== resolved(name)) return undefined;
      try {
        if (name === LIST) return list();
        if (!name.startsWith(LESSON)) return undefined;
        return lessonModule(readLesson(folder, name.slice(LESSON.length)));
      } catch (error) {
        const [first] = error instanceof LessonError ? error.problems : [];
        if (!first) throw error;
        return this.error({ message: (error as Error).message, id: first.file, loc: first });
      }
    },
    configureServer(server) {
      server.watcher.add(folder);
    },
    hotUpdate({ file }) {
      const [id, name, ...deeper] = relative(folder, resolve(file)).split(sep);
      if (!id || name !== 'lesson.md' || deeper.length > 0) return undefined;
      const graph = this.environment.moduleGraph;
      return [LIST, LESSON + id].flatMap((module) => graph.getModuleById(resolved(module)) ?? []);
    },
  };
}
