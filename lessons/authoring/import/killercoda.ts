/**
 * Imports a Killercoda scenario: a folder with `index.json`, a Markdown file for each step, its verify script, scripts
 * that run when a step begins, and assets. The format is that of killercoda.com/creators; `{{execute}}`, `T2` and
 * `courseData` are Katacoda's, which it also reads.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { assetScripts } from './assets.ts';
import { looksVacuous, sleeps } from '../checks.ts';
import { frontMatter, idOf, Notes, type Imported } from './imported.ts';
import { fenced, LessonLines } from './lines.ts';
import { PageReader, type Command } from './page.ts';
import { Scan, type HubTags } from './scan.ts';

const pageSchema = z.looseObject({
  title: z.string().optional(),
  text: z.string().optional(),
  verify: z.string().optional(),
  foreground: z.string().optional(),
  background: z.string().optional(),
  /** Katacoda's names for scripts in the background and in the foreground. */
  courseData: z.string().optional(),
  code: z.string().optional(),
  solution: z.string().optional(),
});
type Page = z.output<typeof pageSchema>;

const indexSchema = z.looseObject({
  title: z.string(),
  description: z.string().optional(),
  time: z.string().optional(),
  details: z.looseObject({
    intro: pageSchema.optional(),
    steps: z.array(pageSchema).default([]),
    finish: pageSchema.optional(),
    assets: z
      .record(
        z.string(),
        z.array(z.looseObject({ file: z.string(), target: z.string(), chmod: z.string().optional() })),
      )
      .optional(),
  }),
});
type Index = z.output<typeof indexSchema>;

/** The scenario in `folder`. @throws Error when there is no `index.json` or it is not one */
export function importKillercoda(folder: string, hub: HubTags): Imported {
  const file = join(folder, 'index.json');
  if (!existsSync(file)) throw new Error(`There is no index.json in ${folder}.`);
  const parsed = indexSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  return new ScenarioReader(folder, hub).read(parsed.data);
}

/** A script that runs when a page begins. */
interface Beginning {
  page: string;
  path: string;
  script: string;
  node: string;
}

class ScenarioReader {
  readonly #notes = new Notes();
  readonly #lines = new LessonLines(this.#notes);
  readonly #scan: Scan;
  /** What no task has run yet, in order. */
  #waiting: Beginning[] = [];

  constructor(
    private readonly folder: string,
    hub: HubTags,
  ) {
    this.#scan = new Scan(hub, this.#notes);
  }

  read(index: Index): Imported {
    const { intro, steps, finish, assets } = index.details;
    const { title, description, time } = index;
    const id = idOf(this.folder.split('/').filter(Boolean).at(-1) ?? title);
    for (const [host, files] of Object.entries(assets ?? {}))
      for (const asset of assetScripts(this.folder, host, files, this.#scan, this.#notes))
        this.#waiting.push({ page: 'assets', node: nodeOf(host), ...asset });
    if (intro) this.#readPage(intro, intro.title ?? 'Introduction', 'intro');
    steps.forEach((step, i) => {
      this.#readPage(step, step.title ?? `Step ${i + 1}`, `step-${i + 1}`);
    });
    if (finish) this.#readPage(finish, finish.title ?? 'Finish', 'finish');
    for (const { page, path } of this.#waiting)
      this.#noteIndex('left out', `${path} of ${page}, after which no task comes to run it`);
    this.#noteUnknown(index, indexSchema, '');
    this.#noteUnknown(index.details, indexSchema.shape.details, '');
    this.#noteIndex('to do', 'author and licence in the front matter');
    const { nodes } = this.#lines;
    const head = frontMatter({
      id,
      title,
      summary: description?.trim() ? description : `${title}, a scenario of Killercoda.`,
      minutes: minutesOf(time ?? ''),
      author: 'Unknown',
      licence: 'Unknown',
      ...(nodes > 1 && { nodes }),
      images: [...this.#scan.images].sort(),
    });
    return { id, lesson: `${head}\n${this.#lines.text}`, notes: this.#notes.all };
  }

  #noteIndex(kind: 'left out' | 'to do' | 'changed', text: string): void {
    this.#notes.add(kind, 'index.json', undefined, text);
  }

  /** Notes the fields that the importer does not know. */
  #noteUnknown(fields: Record<string, unknown>, schema: z.ZodObject, place: string): void {
    for (const name of Object.keys(fields).filter((field) => !(field in schema.shape)))
      this.#noteIndex('left out', `${place}\`${name}: ${JSON.stringify(fields[name])}\``);
  }

  #readPage(step: Page, title: string, id: string): void {
    const { text, verify, foreground, background, courseData, code, solution } = step;
    this.#lines.step(title);
    const source = text === undefined ? undefined : this.#file(text);
    const commands =
      source === undefined || text === undefined
        ? []
        : new PageReader(text, this.#lines, this.#notes, this.#scan).read(source);
    for (const path of [background, courseData]) this.#begin(id, path, 'background');
    for (const path of [foreground, code]) this.#begin(id, path, 'foreground');
    if (verify !== undefined) this.#writeTask(verify, solution, id, commands);
    else if (solution !== undefined)
      this.#noteIndex('left out', `${id}: the solution ${solution}, without a check`);
    this.#noteUnknown(step, pageSchema, `${id}: `);
  }

  #begin(page: string, path: string | undefined, kind: 'background' | 'foreground'): void {
    const script = path === undefined ? undefined : this.#bash(path);
    if (script === undefined || path === undefined) return;
    if (sleeps(script)) this.#notes.add('sleep', path, undefined, `the ${kind} script`);
    if (kind === 'foreground')
      this.#notes.add('changed', path, undefined, 'the reader does not see the foreground script run');
    this.#waiting.push({ page, path, script, node: 'node1' });
  }

  #file(path: string): string | undefined {
    const file = join(this.folder, path);
    if (existsSync(file)) return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
    this.#noteIndex('left out', `${path} is not there`);
    return undefined;
  }

  /** A script without the line that says what runs it. */
  #bash(path: string): string | undefined {
    const script = this.#file(path);
    if (script === undefined) return undefined;
    this.#scan.script(script, path, 1);
    const [shebang] = /^#!.*/.exec(script) ?? [];
    if (shebang !== undefined && !/\b(ba)?sh\b/.test(shebang))
      this.#notes.add('to do', path, 1, `\`${shebang}\`: write it in bash`);
    else this.#scan.bash(script, path, 1);
    return script.replace(/^#!.*\n/, '').trim();
  }

  /** What the next task has to run before it begins. */
  #takeInit(id: string): string[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) return [];
    for (const { page, path } of waiting.filter((each) => each.page !== id && each.page !== 'assets'))
      this.#noteIndex('changed', `${path} of ${page} runs when ${id} is first looked at`);
    // Each script may leave, or fail, without an end to the others and to the task.
    return byNode(waiting).flatMap(({ node, parts }) => {
      const scripts = [...parts.map(({ script }) => subshell(script)), 'true'];
      return [...fenced(onNode('init', node), scripts.join('\n')), ''];
    });
  }

  #writeTask(verify: string, solutionFile: string | undefined, id: string, commands: Command[]): void {
    const script = this.#bash(verify) ?? 'exit 1';
    if (looksVacuous(script)) this.#notes.add('vacuous', verify, undefined, `the check of ${id}`);
    if (sleeps(script)) this.#notes.add('sleep', verify, undefined, `the check of ${id}`);
    const given = solutionFile === undefined ? undefined : this.#bash(solutionFile)?.trim();
    const solution =
      given === undefined ? solutionOf(commands) : given === '' ? [] : fenced('solution', given);
    const origin = solution.length === 0 ? 'its solution, ' : 'whether the commands in its solution do it, ';
    this.#notes.add(
      'to do',
      verify,
      undefined,
      `the task ${id}: what to do in a line, what its check says is missing, hints, ${origin}and mutations`,
    );
    this.#lines.block([
      `::::task{#${id}}`,
      `Do what this step says.`,
      '',
      ...this.#takeInit(id),
      ...fenced('check', checkOf(script)),
      '',
      ':::hint',
      'Read this step once more.',
      ':::',
      '',
      ...(solution.length === 0 ? fenced('solution', 'false # the scenario has none') : solution),
      '::::',
    ]);
  }
}

/** A script that may leave without an end to what stands behind it. Bash wants a command between parentheses. */
function subshell(script: string): string {
  const isEmpty = script.split('\n').every((line) => /^\s*(#|$)/.test(line));
  return `(\n${script}\n${isEmpty ? ':\n' : ''})`;
}

/** A check that asks the verify script. With && or `if` to ask for its outcome bash would not heed its `set -e`. */
function checkOf(verify: string): string {
  return [
    `${subshell(verify)} >/dev/null 2>&1`,
    '[ $? = 0 ] && exit',
    `echo 'This step is not done yet.'`,
    'exit 1',
  ].join('\n');
}

/** Blocks with the commands under a heading that says so, else with all that a page has. */
function solutionOf(commands: Command[]): string[] {
  const solving = commands.filter(({ solves }) => solves);
  return byNode(solving.length > 0 ? solving : commands).flatMap(({ node, parts }) =>
    fenced(onNode('solution', node), parts.map(({ text }) => text).join('\n')),
  );
}

/** `host02` is the second machine. */
function nodeOf(host: string): string {
  return `node${/[1-5]$/.exec(host)?.[0] ?? '1'}`;
}

/** What stands behind a fence for a block of `node`: the first one is meant without it. */
function onNode(role: string, node: string): string {
  return node === 'node1' ? role : `${role} node=${node}`;
}

/** `parts` in their order, with those side by side that run on the same node. */
function byNode<T extends { node: string | undefined }>(parts: readonly T[]): { node: string; parts: T[] }[] {
  const groups: { node: string; parts: T[] }[] = [];
  for (const part of parts) {
    const node = part.node ?? 'node1';
    const last = groups.at(-1);
    if (last?.node === node) last.parts.push(part);
    else groups.push({ node, parts: [part] });
  }
  return groups;
}

/** `15 minutes`, `1 hour`, `20`. */
function minutesOf(time: string): number {
  const number = Number.parseFloat(time);
  if (!(number > 0)) return 30;
  return Math.min(Math.ceil(/\bh(ou)?rs?\b|\dh\b/i.test(time) ? number * 60 : number), 240);
}
