/** What can be told of commands by reading them: the images they need, whether they need the internet, whether they are bash. */
import { parseReference } from '../../../worker/hub/names.ts';
import { bashProblem, joinedLines } from '../bash.ts';
import { fullName, imagesIn } from '../images.ts';
import type { Notes } from './imported.ts';

/** The tags of the hub's images, by repository, as in `docker.io/library/nginx`. */
export type HubTags = ReadonlyMap<string, readonly string[]>;

/** What fetches something that no machine without the internet has. */
const INTERNET =
  /\b(apt(-get)? (-\S+ )*(update|install|upgrade)|apk (-\S+ )*(add|update|upgrade)|yum |dnf |git clone|npm (i|install)\b|pip3? install|go (get|install)|(curl|wget) [^|;&]*https?:\/\/(?!localhost|127\.|\$)|ADD https?:|docker (plugin install|scout|init)\b|kubectl|ping["',\s]+(-\w+\s+(\d+\s+)?)*(\S+\.(com|org|io|net|dev)\b|8\.8\.[48]\.[48]|1\.1\.1\.1))/;

/** What goes on until it is ended, or reads what is typed. */
const STAYS =
  /\bdocker(-compose)?\b.*\s(-it|-ti|-i -t|-t -i|--interactive|--tty|attach|logs.* -f|events|up(?!.*\s-d))\b|^\s*(tail -f|watch|top|vim?|nano|less|man)\b/;

/** Looks over the scripts of one lesson: notes what is doubtful about them, and gathers the images that the hub has. */
export class Scan {
  readonly images = new Set<string>();
  /** Names that the lesson itself gives to images, as `docker pull` would take them. */
  readonly #made = new Set<string>();

  constructor(
    private readonly hub: HubTags,
    private readonly notes: Notes,
  ) {}

  /** Looks over `script`, which begins at `line` of `file`. */
  script(script: string, file: string, line: number): void {
    for (const { text, at } of joinedLines(script)) {
      const { needs, makes } = imagesIn(text);
      for (const name of makes) this.#made.add(fullName(name));
      for (const name of needs) if (!this.#made.has(fullName(name))) this.#image(name, file, line + at);
      if (INTERNET.test(text)) this.notes.add('internet', file, line + at, `\`${text.trim()}\``);
    }
  }

  /** Looks over what a click types into a terminal. */
  command(command: string, file: string, line: number): void {
    this.bash(command, file, line);
    const staying = joinedLines(command).find(({ text }) => STAYS.test(text))?.text;
    if (staying !== undefined)
      this.notes.add(
        'to do',
        file,
        line,
        `\`${staying.trim()}\` keeps the terminal: mark it stays if it does`,
      );
  }

  /** Notes what `check` will refuse: labs also type into programs that are no shell, or show what is to be filled in. */
  bash(script: string, file: string, line: number): void {
    const [first = ''] = script.trim().split('\n');
    if (bashProblem(script) !== undefined)
      this.notes.add('to do', file, line, `\`${first}\` is not bash, so that check refuses it`);
  }

  #image(name: string, file: string, line: number): void {
    const reference = parseReference(name);
    if (!reference || reference.reference.includes(':')) return;
    const tags = this.hub.get(reference.repository);
    if (tags?.includes(reference.reference)) {
      this.images.add(name.includes(':') ? name : `${name}:latest`);
      return;
    }
    const nearest = tags
      ? `it has the tags ${tags.join(', ')}`
      : nearestName(reference.name, this.hub).map((other) => `the nearest is ${other}`)[0];
    this.notes.add('image', file, line, `${name}${nearest === undefined ? '' : `; ${nearest}`}`);
  }
}

/** The hub's repository whose name has most in common with `name`, if any has a word of it. */
function nearestName(name: string, hub: HubTags): string[] {
  const last = name.split('/').at(-1) ?? name;
  return [...hub.keys()]
    .map((repository) => repository.replace('docker.io/library/', ''))
    .filter((other) => last.split(/[-_]/).some((word) => word.length > 2 && other.includes(word)))
    .sort((a, b) => a.length - b.length);
}
