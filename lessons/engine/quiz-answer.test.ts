import { expect, test } from 'vitest';
import type { Quiz } from '../format/lesson.ts';
import { isRightAnswer, mixedOrder, type QuizAnswer } from './quiz-answer.ts';

const texts = { id: 'q', question: '', explanation: '' };
const option = (right: boolean) => ({ html: '', right });
const choice: Quiz = {
  ...texts,
  form: 'choice',
  multiple: true,
  options: [option(true), option(false), option(true)],
};
const order: Quiz = { ...texts, form: 'order', items: ['a', 'b', 'c'] };
const fill: Quiz = { ...texts, form: 'fill', answers: ['docker ps -a', 'docker container ls -a'] };

test.each<[Quiz, QuizAnswer, boolean]>([
  [choice, [2, 0], true],
  [choice, [0], false],
  [choice, [0, 1, 2], false],
  [choice, [], false],
  [order, [0, 1, 2], true],
  [order, [1, 0, 2], false],
  [order, [], false],
  [fill, ' docker  ps -a ', true],
  [fill, 'docker container ls -a', true],
  [fill, 'docker ps -A', false],
  [fill, '', false],
])('%j: %j is right: %j', (quiz, answer, right) => {
  expect(isRightAnswer(quiz, answer)).toBe(right);
});

test.each([2, 3, 4, 7])('%i items begin in an order that is not the right one', (count) => {
  const mixed = mixedOrder(count);
  expect(mixed.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
  expect(mixed).not.toEqual(mixed.toSorted((a, b) => a - b));
});
