import type { LessonSession } from './lesson-session.svelte.ts';

/** A lesson that is on the screen, and the element in which its text scrolls. */
interface Shown {
  readonly lesson: LessonSession;
  readonly page: HTMLElement;
}

/** The lesson that is on the screen, if any, for parts of the app beside it. */
class ShownLesson {
  #shown = $state.raw<Shown>();

  get lesson(): LessonSession | undefined {
    return this.#shown?.lesson;
  }

  /** Where its text scrolls. */
  get page(): HTMLElement | undefined {
    return this.#shown?.page;
  }

  /** Notes that a lesson is shown; returns what ends that. To be called in an effect. */
  show(lesson: LessonSession, page: HTMLElement): () => void {
    const shown = { lesson, page };
    this.#shown = shown;
    return () => {
      if (this.#shown === shown) this.#shown = undefined;
    };
  }
}

export const shownLesson = new ShownLesson();
