import { SvelteMap } from 'svelte/reactivity';
import { readStored, writeStored } from '../app/storage.ts';
import { readProgress, type LessonProgress } from './progress.ts';

/** A lesson, as far as its progress needs it. */
type Versioned = Readonly<{ id: string; version: number }>;

/** The reader's progress in all lessons, kept by the browser. */
class ProgressStore {
  readonly #read = new SvelteMap<string, LessonProgress>();

  of({ id, version }: Versioned): LessonProgress {
    return this.#read.get(id) ?? readProgress(readStored(key(id)), version);
  }

  change(lesson: Versioned, change: Partial<LessonProgress>): void {
    const progress = { ...this.of(lesson), ...change };
    this.#read.set(lesson.id, progress);
    writeStored(key(lesson.id), progress);
  }

  /** Puts progress that was saved with a session in the place of the present one. */
  restore(lesson: Versioned, stored: unknown): void {
    this.change(lesson, readProgress(stored, lesson.version));
  }
}

function key(lessonId: string): string {
  return `lesson:${lessonId}`;
}

export const progressStore = new ProgressStore();
