import type { Command } from '../app/commands.svelte.ts';
import { dialogs } from '../app/dialogs.svelte.ts';
import type { LessonSession } from './lesson-session.svelte.ts';

/** What can be done in a lesson. */
export function lessonCommands(lesson: LessonSession): Command[] {
  const { stepIndex } = lesson;
  const { steps } = lesson.lesson;
  return [
    {
      id: 'lesson-next',
      group: 'Lesson',
      title: 'Next step',
      keys: 'Ctrl+Shift+ArrowDown',
      unavailable: stepIndex === steps.length - 1 ? 'This is the last step' : undefined,
      run: () => {
        lesson.goTo(stepIndex + 1);
      },
    },
    {
      id: 'lesson-previous',
      group: 'Lesson',
      title: 'Previous step',
      keys: 'Ctrl+Shift+ArrowUp',
      unavailable: stepIndex === 0 ? 'This is the first step' : undefined,
      run: () => {
        lesson.goTo(stepIndex - 1);
      },
    },
    ...steps.map(({ id, title }, i): Command => ({
      id: `lesson-step-${id}`,
      group: 'Go to',
      title: `Step ${i + 1}: ${title}`,
      run: () => {
        lesson.goTo(i);
      },
    })),
    {
      id: 'lesson-restart-step',
      group: 'Lesson',
      title: 'Start this step over…',
      unavailable: lesson.unready,
      run: () => (dialogs.open = 'restart-step'),
    },
    {
      id: 'lesson-start-over',
      group: 'Lesson',
      title: 'Start the lesson over…',
      run: () => (dialogs.open = 'start-over'),
    },
  ];
}
