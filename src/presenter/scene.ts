import { shownLesson } from '../lesson/shown-lesson.svelte.ts';
import { terminals } from '../terminal/terminals.svelte.ts';
import { light } from './light.svelte.ts';
import { presenter } from './presenter.svelte.ts';
import type { LessonScene, Scene } from './protocol.ts';
import { ticker } from './ticker.svelte.ts';

/** What this window shows now. What reads it in an effect follows it. */
export function presentScene(): Scene {
  const { tabs, focused } = terminals.layout;
  const terminal = tabs.find(({ id }) => id === focused)?.name;
  const lesson = lessonScene();
  return {
    state: presenter.state,
    ...(lesson && { lesson }),
    spotlight: light.on,
    ...(terminal !== undefined && { terminal }),
    several: tabs.length > 1,
    commands: [...ticker.commands],
    textSize: presenter.textSize,
  };
}

function lessonScene(): LessonScene | undefined {
  const { lesson } = shownLesson;
  if (!lesson) return undefined;
  const { ran, passed } = lesson.progress;
  return { id: lesson.lesson.id, step: lesson.stepIndex, ran: [...ran], passed: [...passed] };
}

/** How far the lesson's text is scrolled, from 0 to 1. */
export function scrolledShare(page: HTMLElement): number {
  const room = page.scrollHeight - page.clientHeight;
  return room > 0 ? Math.min(Math.max(page.scrollTop / room, 0), 1) : 0;
}
