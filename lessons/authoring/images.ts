/** Which images commands, Dockerfiles and Compose files need, and which they make. */

import { parseReference } from '../../worker/hub/names.ts';

/** Long options of `docker run` and the like that are there or not; others have a value. */
const FLAG =
  /^--(all-tags|detach|disable-content-trust|help|init|interactive|no-healthcheck|no-resolve-image|oom-kill-disable|privileged|publish-all|quiet|read-only|rm|sig-proxy|tty|with-registry-auth)$/;

/** What a name of an image cannot contain: then it is a variable, a place to fill in, or no name at all. */
const NO_NAME = /[$<>{}[\]"'|;&\\,()]/;

export interface ImageUse {
  needs: string[];
  /** Names that the line gives to images, or to stages of a build. */
  makes: string[];
}

/** One of the commands of a line, in which quoted text is a part of a word. */
const COMMAND = /(?:[^|;&$"']|"[^"]*"|'[^']*'|\$(?!\()|&(?!&))+/g;

const WORD = /(?:[^\s"']|"[^"]*"|'[^']*')+/g;

/** What a line of shell, of a Dockerfile or of a Compose file takes from a registry, and which names it gives. */
export function imagesIn(line: string): ImageUse {
  const use: ImageUse = { needs: [], makes: [] };
  readFile(line, use);
  for (const [command] of line.matchAll(COMMAND)) readCommand(command, use);
  return { needs: use.needs.filter((name) => name !== '' && !NO_NAME.test(name)), makes: use.makes };
}

/** The name with registry and tag, by which one name is the same as another. */
export function fullName(name: string): string {
  const reference = parseReference(name);
  return reference ? `${reference.repository}:${reference.reference}` : name;
}

/** `FROM` may stand in what `echo` writes. */
function readFile(line: string, { needs, makes }: ImageUse): void {
  const [, base, stage] =
    /(?:^|['"])\s*FROM\s+(?:--platform=\S+\s+)?([^\s'"]+)(?:\s+[Aa][Ss]\s+([\w.-]+))?/.exec(line) ?? [];
  if (base !== undefined && base !== 'scratch') needs.push(base);
  if (stage !== undefined) makes.push(stage);
  const copied = /^\s*COPY\s.*--from=(\S+)/.exec(line)?.[1];
  if (copied !== undefined && !/^\d+$/.test(copied)) needs.push(copied);
  const composed = /^\s*(?:-\s+)?image:\s*["']?([^\s"'#]+)/.exec(line)?.[1];
  if (composed !== undefined) needs.push(composed);
}

function readCommand(command: string, { needs, makes }: ImageUse): void {
  const words: string[] = command.match(WORD) ?? [];
  const start = words.indexOf('docker');
  if (start < 0) return;
  const [first = '', second = ''] = words.slice(start + 1);
  const isGroup = ['container', 'image', 'service', 'buildx', 'builder'].includes(first);
  const action = isGroup ? second : first;
  const rest = words.slice(start + (isGroup ? 3 : 2));
  if (action === 'run' || action === 'create') needs.push(operands(rest, takesValue)[0] ?? '');
  else if (action === 'pull') needs.push(operands(rest, () => false)[0] ?? '');
  else if (action === 'update') needs.push(...valuesOf(rest, /^--image$/));
  else if (action === 'build') makes.push(...valuesOf(rest, /^(-t|--tag)$/));
  else if (action === 'tag') makes.push(...operands(rest, () => false).slice(1));
  else if (action === 'import') makes.push(...operands(rest, (word) => /^-[cm]$/.test(word)).slice(-1));
  else if (action === 'commit') makes.push(...operands(rest, (word) => /^-[acm]$/.test(word)).slice(1));
}

/** The words that are neither options nor their values. */
function operands(words: string[], hasValue: (option: string) => boolean): string[] {
  return words.filter((word, i) => !word.startsWith('-') && !hasValue(words[i - 1] ?? ''));
}

function takesValue(word: string): boolean {
  if (word.startsWith('--')) return word.length > 2 && !word.includes('=') && !FLAG.test(word);
  return /^-[a-zA-Z]*[aceghlmpuvw]$/.test(word);
}

/** The values of an option, as the next word or behind `=`. */
function valuesOf(words: string[], option: RegExp): string[] {
  return words.flatMap((word, i) => {
    const [name = '', value] = word.split('=', 2);
    return option.test(name) ? [value ?? words[i + 1] ?? ''] : [];
  });
}
