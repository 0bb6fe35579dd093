/** What a reader answers to a quiz, and whether it is right. */
import type { Quiz } from '../format/lesson.ts';

/**
 * By the quiz's form. `choice`: the places of the ticked options. `order`: the places of the items in the right order, in
 * the order that was given. `fill`: what was typed.
 */
export type QuizAnswer = number[] | string;

export function isRightAnswer(quiz: Quiz, answer: QuizAnswer): boolean {
  switch (quiz.form) {
    case 'choice':
      return typeof answer !== 'string' && quiz.options.every(({ right }, i) => right === answer.includes(i));
    case 'order':
      return typeof answer !== 'string' && quiz.items.every((_, i) => answer[i] === i);
    case 'fill':
      return typeof answer === 'string' && quiz.answers.some((right) => plain(right) === plain(answer));
  }
}

/** Spaces do not count where there are several, nor at the ends. */
function plain(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

/**
 * The places of `count` items in an order to begin with: another one than the right one, and the same for each reader,
 * so that a reload does not shuffle what was put in order.
 */
export function mixedOrder(count: number): number[] {
  const odd = Array.from({ length: count }, (_, i) => i).filter((i) => i % 2 === 1);
  const even = Array.from({ length: count }, (_, i) => i).filter((i) => i % 2 === 0);
  return [...odd.reverse(), ...even];
}
