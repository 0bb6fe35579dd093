/** Reads the blocks of a step: running text, commands, tasks, and what else stands between two `##` headings. */
import type { Code, RootContent } from 'mdast';
import { describeFault } from './fault.ts';
import { calloutTones, type Block, type Tab } from './lesson.ts';
import { codeRole, isContainer, splitLabel, type Container } from './markdown.ts';
import { nodeNames } from './node.ts';
import { readQuiz } from './quiz.ts';
import type { Reading } from './reading.ts';
import { runAttributesSchema, runModes, runOutcomes, valueAttributesSchema } from './schema.ts';
import { readTask } from './task.ts';

/** A task stands in a step itself: what is folded away or behind a tab would be missed. */
type Place = 'step' | 'inside';

export function readBlocks(nodes: RootContent[], reading: Reading, place: Place = 'step'): Block[] {
  const blocks: Block[] = [];
  /** Running text that has not become a block yet. */
  let text: RootContent[] = [];
  const endText = (): void => {
    const html = reading.html(text);
    text = [];
    if (html !== '') blocks.push({ kind: 'html', html });
  };
  for (const node of nodes) {
    if (node.type === 'code' && codeRole(node) === 'value') readValue(node, reading);
    else if (node.type === 'code' && codeRole(node)) {
      endText();
      blocks.push(...readCode(node, reading));
    } else if (node.type === 'containerDirective') {
      endText();
      blocks.push(...readContainer(node, reading, place));
    } else text.push(node);
  }
  endText();
  return blocks;
}

/** A code block with a role. */
function readCode(node: Code, reading: Reading): Block[] {
  const role = codeRole(node);
  if (role === 'output') return [{ kind: 'output', text: node.value }];
  if (role === 'run') return [readRun(node, reading)];
  if (role === 'fault') return [readFaultButton(node, reading)];
  const home = role === 'answer' ? 'quiz' : 'task';
  reading.problems.add(node, `the ${String(role)} block belongs inside a ${home}`);
  return [];
}

function readRun(node: Code, reading: Reading): Block {
  if (node.value.trim() === '') reading.problems.add(node, 'expected a command in the run block');
  const words = (node.meta ?? '').split(/\s+/).filter(Boolean);
  const isKnown = (word: string): boolean => Object.hasOwn(runAttributesSchema.shape, pairOf(word)[0]);
  for (const word of words.filter((each) => !isKnown(each))) {
    const known = [...runModes, ...runOutcomes].join(', ');
    reading.problems.add(
      node,
      `run: unknown word “${word}”: expected one of ${known}, or terminal=N or node=NAME`,
    );
  }
  const given = Object.fromEntries(words.filter(isKnown).map(pairOf));
  const {
    mode = 'run',
    outcome,
    terminal,
    node: named,
  } = reading.attributes(runAttributesSchema, given, node, 'run') ?? {};
  reading.noteCommand(node.value, node);
  reading.useNode(named, node);
  // Nobody is to run a command on another machine than the author has thought of.
  const place = named ?? (reading.nodes > 1 && mode !== 'copy' ? nodeNames[0] : undefined);
  return {
    kind: 'run',
    command: node.value,
    mode,
    ...(outcome && { outcome }),
    ...(terminal !== undefined && { terminal }),
    ...(place && { node: place }),
  };
}

/** What stands behind `fault` is written on the button. */
function readFaultButton(code: Code, reading: Reading): Block {
  const faults = reading.faults(code);
  return { kind: 'fault', label: code.meta?.trim() ?? faults.map(describeFault).join(', '), faults };
}

/** A word after `run`: what a click does, what becomes of the command, or NAME=VALUE. */
function pairOf(word: string): [string, string | undefined] {
  if (runModes.some((mode) => mode === word)) return ['mode', word];
  if (runOutcomes.some((outcome) => outcome === word)) return ['outcome', word];
  const [name = '', value] = word.split('=', 2);
  return [name, value];
}

function readValue(code: Code, reading: Reading): void {
  const [word = '', ...words] = (code.meta ?? '').split(/\s+/).filter(Boolean);
  const given = { name: word, ...Object.fromEntries(words.map(pairOf)) };
  const { name = '', node } = reading.attributes(valueAttributesSchema, given, code, 'value') ?? {};
  if (code.value.trim() === '') reading.problems.add(code, 'expected bash in this block, but it is empty');
  if (reading.values.some((value) => value.name === name))
    reading.problems.add(code, `expected another name: “${name}” is a value before`);
  reading.useNode(node, code);
  reading.values.push({ name, node: node ?? nodeNames[0], script: code.value });
}

function readContainer(node: Container, reading: Reading, place: Place): Block[] {
  const { problems } = reading;
  const { label, content } = splitLabel(node);
  const tone = calloutTones.find((name) => name === node.name);
  if (tone) return [{ kind: 'callout', tone, html: reading.html(node.children) }];
  switch (node.name) {
    case 'task':
      if (place === 'inside') problems.add(node, 'a task cannot stand in an aside or tab');
      return [{ kind: 'task', task: readTask(node, reading) }];
    case 'quiz':
      return [{ kind: 'quiz', quiz: readQuiz(node, reading) }];
    case 'aside':
      if (label === '') problems.add(node, 'expected a title, as in :::aside[Why so?]');
      return [{ kind: 'aside', title: label, blocks: readBlocks(content, reading, 'inside') }];
    case 'tabs':
      return [{ kind: 'tabs', tabs: readTabs(node, reading) }];
    case 'notes':
      problems.add(node, ':::notes stands in a step itself, not in another block');
      return [];
    case 'hint':
    case 'explanation':
    case 'tab': {
      const home = { hint: 'a task', explanation: 'a quiz', tab: ':::tabs' }[node.name];
      problems.add(node, `:::${node.name} belongs inside ${home}`);
      return [];
    }
    default: {
      const known = ['task', 'quiz', 'aside', 'tabs', ...calloutTones, 'notes'].join(', ');
      problems.add(node, `unknown block :::${node.name}: expected one of ${known}`);
      return [];
    }
  }
}

function readTabs(node: Container, reading: Reading): Tab[] {
  const tabs: Tab[] = [];
  for (const child of node.children) {
    if (!isContainer(child, 'tab')) {
      reading.problems.add(child, 'expected only :::tab[Label] blocks in :::tabs');
      continue;
    }
    const { label, content } = splitLabel(child);
    if (label === '') reading.problems.add(child, 'expected a label, as in :::tab[Dockerfile]');
    tabs.push({ label, blocks: readBlocks(content, reading, 'inside') });
  }
  if (tabs.length < 2) reading.problems.add(node, 'expected at least two :::tab[Label] blocks in :::tabs');
  return tabs;
}
