/** The modules that `lessons/vite.ts` makes. */

declare module 'virtual:lessons' {
  /** A lesson of the list; `load` fetches the whole of it. */
  export interface LessonEntry extends Readonly<import('./format/lesson.ts').LessonSummary> {
    load(): Promise<import('./format/lesson.ts').Lesson>;
  }
  const lessons: readonly LessonEntry[];
  export default lessons;
}

declare module 'virtual:lesson/*' {
  const lesson: import('./format/lesson.ts').Lesson;
  export default lesson;
}
