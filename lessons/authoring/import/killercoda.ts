/**
 * Imports a Killercoda scenario: a folder with `index.json`, a Markdown file for each step, its verify script, scripts
 * that run when a step begins, and assets. The format is that of killercoda.com/creators; `{{execute}}` and `T2` are
 * Katacoda's, which it also reads.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { frontMatter, idOf, Notes, type Imported } from './imported.ts';
import { LessonLines } from './lines.ts';
import { languageOf, plainLine } from './prose.ts';
import { looksVacuous, Scan, sleeps, type HubTags } from './scan.ts';

const page = z.looseObject({
  title: z.string().optional(),
  text: z.string().optional(),
  verify: z.string().optional(),
  foreground: z.string().optional(),
  background: z.string().optional(),
  solution: z.string().optional(),
});
type Page = z.output<typeof page>;

const indexSchema = z.looseObject({
  title: z.string(),
  description: z.string().optional(),
  difficulty: z.string().optional(),
  time: z.string().optional(),
  details: z.looseObject({
    intro: page.optional(),
    steps: z.array(page).default([]),
    finish: page.optional(),
    assets: z
      .record(
        z.string(),
        z.array(z.looseObject({ file: z.string(), target: z.string(), chmod: z.string().optional() })),
      )
      .optional(),
  }),
});

/** What follows a piece of code: `{{exec}}`, `{{copy}}`, `{{exec interrupt}}`, `{{execute T2}}`. */
const ACTION = /\{\{\s*(exec(?:ute)?|copy)\b([^}]*)\}\}/;

/** The scenario in `folder`. @throws Error when there is no `index.json` or it is not one */
export function importKillercoda(folder: string, hub: HubTags): Imported {
  const file = join(folder, 'index.json');
  if (!existsSync(file)) throw new Error(`There is no index.json in ${folder}.`);
  const parsed = indexSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  return new ScenarioReader(folder, hub).read(parsed.data);
}

class ScenarioReader {
  readonly #notes = new Notes();
  readonly #lines = new LessonLines(this.#notes);
  readonly #scan: Scan;

  constructor(
    private readonly folder: string,
    hub: HubTags,
  ) {
    this.#scan = new Scan(hub, this.#notes);
  }

  read(index: z.output<typeof indexSchema>): Imported {
    const { intro, steps, finish, assets } = index.details;
    const id = idOf(this.folder.split('/').filter(Boolean).at(-1) ?? index.title);
    if (intro) this.#readPage(intro, intro.title ?? 'Introduction', 'intro');
    steps.forEach((step, i) => {
      this.#readPage(step, step.title ?? `Step ${i + 1}`, `step-${i + 1}`);
    });
    if (finish) this.#readPage(finish, finish.title ?? 'Finish', 'finish');
    for (const [host, files] of Object.entries(assets ?? {}))
      for (const { file, target, chmod } of files)
        this.#notes.add(
          'to do',
          'index.json',
          undefined,
          `asset ${file} of ${host} goes to ${target}${chmod === undefined ? '' : ` with mode ${chmod}`}: write it in an init block`,
        );
    const known = ['title', 'description', 'details', 'time'];
    for (const name of Object.keys(index).filter((field) => !known.includes(field)))
      this.#notes.add('left out', 'index.json', undefined, `\`${name}: ${JSON.stringify(index[name])}\``);
    this.#notes.add('to do', 'index.json', undefined, 'author and licence in the front matter');
    const head = frontMatter({
      id,
      title: index.title,
      summary: index.description ?? `${index.title}, a scenario of Killercoda.`,
      minutes: Number.parseInt(index.time ?? '', 10) || 30,
      author: 'Unknown',
      licence: 'Unknown',
      images: [...this.#scan.images].sort(),
    });
    return { id, lesson: `${head}\n${this.#lines.text}`, notes: this.#notes.all };
  }

  #readPage(step: Page, title: string, id: string): void {
    this.#lines.step(title);
    const commands = step.text === undefined ? [] : this.#readText(step.text);
    const init = (['background', 'foreground'] as const).flatMap((kind) => this.#script(step[kind], kind));
    if (step.verify !== undefined) this.#writeTask(step, step.verify, id, init.join('\n'), commands);
    else if (init.length > 0)
      this.#notes.add(
        'left out',
        'index.json',
        undefined,
        `scripts that begin ${id}, which has no task to run them for`,
      );
  }

  #script(path: string | undefined, kind: string): string[] {
    if (path === undefined) return [];
    const script = this.#file(path);
    if (script === undefined) return [];
    this.#scan.script(script, path, 1);
    if (sleeps(script)) this.#notes.add('sleep', path, undefined, `the ${kind} script`);
    if (kind === 'foreground')
      this.#notes.add('changed', path, undefined, 'the reader does not see the foreground script run');
    return [script.replace(/^#!.*\n/, '').trim()];
  }

  #file(path: string): string | undefined {
    const file = join(this.folder, path);
    if (existsSync(file)) return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
    this.#notes.add('left out', 'index.json', undefined, `${path} is not there`);
    return undefined;
  }

  /** Takes over the text of a step; returns the commands in it. */
  #readText(path: string): string[] {
    const lines = this.#file(path)?.split('\n') ?? [];
    const commands: string[] = [];
    for (let i = 0; i < lines.length; i++) {
      const text = lines[i] ?? '';
      const fence = /^(\s*)(`{3,})\s*([\w-]*)\s*$/.exec(text);
      if (fence) {
        const [, indent = '', ticks = '', language = ''] = fence;
        const content: string[] = [];
        const begun = i + 1;
        for (i++; i < lines.length && !(lines[i] ?? '').trim().startsWith(ticks); i++)
          content.push(this.#traffic(lines[i] ?? '', path, i + 1));
        const action = ACTION.exec(lines[i] ?? '');
        this.#scan.script(content.join('\n'), path, begun + 1);
        this.#writeCode(content, action, language, indent, path, begun, commands);
        continue;
      }
      const heading = /^#{1,2}\s+(.*)$/.exec(text);
      this.#readLine(heading ? `### ${heading[1] ?? ''}` : text, path, i + 1, commands);
    }
    return commands;
  }

  /** A line of text; a command in it is taken out of the line, since ours are blocks. */
  #readLine(text: string, path: string, line: number, commands: string[]): void {
    const inline = new RegExp(`(\`+)([^\`]+)\\1${ACTION.source}`, 'g');
    const found = [...text.matchAll(inline)];
    const prose = text.replace(inline, (_, ticks: string, code: string) => `${ticks}${code}${ticks}`);
    this.#lines.write(plainLine(this.#traffic(prose, path, line), path, line, this.#notes));
    for (const match of found) {
      const code = this.#traffic(match[2] ?? '', path, line);
      this.#scan.script(code, path, line);
      this.#notes.add('changed', path, line, 'a command within the line stands behind it now');
      this.#writeCode([code], ACTION.exec(match[0]), '', '', path, line, commands);
    }
  }

  #writeCode(
    content: string[],
    action: RegExpExecArray | null,
    language: string,
    indent: string,
    path: string,
    line: number,
    commands: string[],
  ): void {
    if (!action) {
      this.#lines.code(languageOf(language, path, line, this.#notes), content, indent, path, line);
      return;
    }
    const [, verb, options = ''] = action;
    const terminal = /\bT(\d)\b/i.exec(options)?.[1];
    if (terminal !== undefined && Number(terminal) > 3)
      this.#notes.add('left out', path, line, `terminal ${terminal}: there are three`);
    const words = [
      'run',
      ...(verb === 'copy' ? ['copy'] : []),
      ...(/\binterrupt\b/.test(options) ? ['interrupt'] : []),
      ...(terminal !== undefined && Number(terminal) <= 3 ? [`terminal=${terminal}`] : []),
    ];
    if (verb !== 'copy') commands.push(content.join('\n'));
    this.#lines.code(words.join(' '), content, indent, path, line);
  }

  /** `{{TRAFFIC_HOST1_80}}` is the address of a page in the browser. */
  #traffic(text: string, path: string, line: number): string {
    return text.replace(/(?:https?:\/\/)?\{\{\s*TRAFFIC_HOST\d+_(\d+)\s*\}\}/g, (_, port: string) => {
      this.#notes.add('changed', path, line, `link to port ${port}: http://localhost:${port}`);
      return `http://localhost:${port}`;
    });
  }

  #writeTask(step: Page, verify: string, id: string, init: string, commands: string[]): void {
    const script =
      this.#file(verify)
        ?.replace(/^#!.*\n/, '')
        .trim() ?? 'exit 1';
    if (looksVacuous(script)) this.#notes.add('vacuous', verify, undefined, `the check of ${id}`);
    if (sleeps(script)) this.#notes.add('sleep', verify, undefined, `the check of ${id}`);
    this.#scan.script(script, verify, 1);
    const solution =
      (step.solution === undefined ? undefined : this.#file(step.solution)) ?? commands.join('\n');
    this.#notes.add(
      'to do',
      verify,
      undefined,
      `the task ${id}: what to do in a line, what its check says is missing, hints, ${solution === '' ? 'its solution, ' : ''}and mutations`,
    );
    this.#lines.block([
      `::::task{#${id}}`,
      `Do what this step says.`,
      '',
      ...(init === '' ? [] : ['```init', init, '```', '']),
      '```check',
      '(',
      script,
      ') >/dev/null 2>&1 && exit',
      `echo 'This step is not done yet.'`,
      'exit 1',
      '```',
      '',
      ':::hint',
      'Read this step once more.',
      ':::',
      '',
      '```solution',
      solution === '' ? 'false # the scenario has none' : solution.trim(),
      '```',
      '::::',
    ]);
  }
}
