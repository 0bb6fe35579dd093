/**
 * Reads a `::::quiz{#id}`: a question, then what makes it one to choose (a list of `- [ ]` and `- [x]`), to put in order
 * (a numbered list, in the right order) or to fill in (an `answer` block, one right answer a line), and an explanation.
 */
import type { Code, List, ListItem, RootContent } from 'mdast';
import { codeRole, isContainer, type Container } from './markdown.ts';
import type { Quiz } from './lesson.ts';
import type { Reading } from './reading.ts';
import { quizAttributesSchema } from './schema.ts';

type Form =
  | Pick<Extract<Quiz, { form: 'choice' }>, 'form' | 'options'>
  | Pick<Extract<Quiz, { form: 'order' }>, 'form' | 'items'>
  | Pick<Extract<Quiz, { form: 'fill' }>, 'form' | 'answers'>;

export function readQuiz(node: Container, reading: Reading): Quiz {
  const { problems } = reading;
  const attributes = reading.attributes(quizAttributesSchema, node.attributes ?? {}, node, 'quiz');
  const id = attributes?.id ?? '';
  reading.takeName(id, node);

  const question: RootContent[] = [];
  const forms: Form[] = [];
  const explanations: string[] = [];
  for (const part of node.children) {
    if (part.type === 'list' && isAnswer(part)) forms.push(readList(part, reading));
    else if (part.type === 'code' && codeRole(part) === 'answer') forms.push(readAnswers(part, reading));
    else if (isContainer(part, 'explanation')) explanations.push(reading.html(part.children));
    else if (part.type === 'heading')
      problems.add(part, 'a heading inside a quiz: is the line of colons that closes the quiz missing?');
    else if (forms.length > 0 || explanations.length > 0)
      problems.add(part, 'expected nothing but an :::explanation after a quiz’s answers');
    else question.push(part);
  }

  const html = reading.html(question);
  if (html === '') problems.add(node, 'expected a quiz to begin with its question');
  const [form] = forms;
  if (forms.length !== 1)
    problems.add(
      node,
      `expected one of - [ ] and - [x] lines, a numbered list, or an answer block in a quiz, found ${forms.length}`,
    );
  if (explanations.length !== 1)
    problems.add(node, `expected one :::explanation in the quiz, found ${explanations.length}`);

  const parts = { id, question: html, explanation: explanations[0] ?? '' };
  if (form?.form !== 'choice') return { ...parts, ...(form ?? { form: 'fill', answers: [] }) };
  const rights = form.options.filter(({ right }) => right).length;
  if (rights === 0) problems.add(node, 'expected at least one right answer, as - [x]');
  if (rights === form.options.length) problems.add(node, 'expected at least one wrong answer, as - [ ]');
  return { ...parts, ...form, multiple: rights > 1 || attributes?.multiple === true };
}

/** A list that only belongs to the question is neither ticked nor numbered. */
function isAnswer(list: List): boolean {
  return list.ordered === true || list.children.some(({ checked }) => typeof checked === 'boolean');
}

function readList(list: List, reading: Reading): Form {
  if (list.children.length < 2)
    reading.problems.add(list, 'expected at least two lines to choose from or to order');
  if (list.ordered) return { form: 'order', items: list.children.map((item) => lineOf(item, reading)) };
  const options = list.children.map((item) => {
    if (typeof item.checked !== 'boolean')
      reading.problems.add(item, 'expected - [ ] or - [x] before an answer');
    return { html: lineOf(item, reading), right: item.checked === true };
  });
  return { form: 'choice', options };
}

function lineOf(item: ListItem, reading: Reading): string {
  const [line, ...more] = item.children;
  if (line?.type === 'paragraph' && more.length === 0) return reading.inlineHtml(line);
  reading.problems.add(item, 'expected one line of text for each answer');
  return '';
}

function readAnswers(code: Code, reading: Reading): Form {
  const answers = code.value
    .split('\n')
    .map((answer) => answer.trim())
    .filter(Boolean);
  if (answers.length === 0) reading.problems.add(code, 'expected a right answer in the block, one a line');
  return { form: 'fill', answers };
}
