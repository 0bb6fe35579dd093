/**
 * The Vite plugin that turns the lessons into modules while the app is built, so that no Markdown parser
 * reaches the browser:
 *
 *   virtual:lessons       what the lesson list shows, with a `load()` for each lesson
 *   virtual:lesson/<id>   one whole lesson, a chunk of its own
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';
import { summarise, type Lesson } from './format/lesson.ts';
import { parseLesson } from './format/parse.ts';
import { LessonError } from './format/problem.ts';

const LIST = 'virtual:lessons';
const LESSON = 'virtual:lesson/';

/** By convention of Rollup: the names of modules that are no files begin with a zero byte. */
const resolved = (name: string): string => `\0${name}`;

/** `folder` holds a folder with a lesson.md for each lesson. */
export function lessons(folder: string = import.meta.dirname): Plugin {
  const fileOf = (id: string): string => join(folder, id, 'lesson.md');

  const read = (id: string): Lesson => {
    const file = fileOf(id);
    const lesson = parseLesson(readFileSync(file, 'utf8'), file);
    if (lesson.id === id) return lesson;
    const message = `expected the front matter’s id to be the folder’s name, “${id}”`;
    throw new LessonError([{ file, line: 1, column: 1, message }]);
  };

  const list = (): string => {
    const ids = readdirSync(folder)
      .filter((id) => existsSync(fileOf(id)))
      .sort();
    const entries = ids.map((id) => {
      const summary = JSON.stringify(summarise(read(id)));
      return `{ ...${summary}, load: async () => (await import('${LESSON}${id}')).default }`;
    });
    return `export default [${entries.join(',\n')}];`;
  };

  return {
    name: 'drydock:lessons',
    resolveId: (name) => (name === LIST || name.startsWith(LESSON) ? resolved(name) : undefined),
    load(module) {
      const name = module.slice(1);
      if (module !== resolved(name)) return undefined;
      try {
        if (name === LIST) return list();
        if (!name.startsWith(LESSON)) return undefined;
        return `export default ${JSON.stringify(read(name.slice(LESSON.length)))};`;
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
