import { SvelteMap } from 'svelte/reactivity';
import { readStored, writeStored } from '../app/storage.ts';
import { isProgress, NO_PROGRESS, type LessonProgress } from './progress.ts';

/** The reader's progress in all lessons, kept by the browser. */
class ProgressStore {
  readonly #read = new SvelteMap<string, LessonProgress>();

  of(lessonId: string): LessonProgress {
    return this.#read.get(lessonId) ?? readStored(key(lessonId), isProgress, NO_PROGRESS);
  }

  change(lessonId: string, change: Partial<LessonProgress>): void {
    const progress = { ...this.of(lessonId), ...change };
    this.#read.set(lessonId, progress);
    writeStored(key(lessonId), progress);
  }
}

function key(lessonId: string): string {
  return `lesson:${lessonId}`;
}

export const progressStore = new ProgressStore();
