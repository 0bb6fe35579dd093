/** What can be told of commands by reading them: the images they need, whether they need the internet, whether they wait. */
import { parseReference } from '../../../worker/hub/names.ts';
import type { Notes } from './imported.ts';

/** The tags of the hub's images, by repository, as in `docker.io/library/nginx`. */
export type HubTags = ReadonlyMap<string, readonly string[]>;

/** Options of `docker run` and the like whose value is a word of its own. */
const WITH_VALUE =
  /^(-[a-zA-Z]*[aceghlmpuvw]|--(name|net|network|publish|volume|mount|env|env-file|workdir|user|hostname|memory|cpus|cpu-shares|restart|entrypoint|label|link|add-host|dns|ip|platform|pull|cap-add|cap-drop|security-opt|log-driver|log-opt|ulimit|tmpfs|device|pid|ipc|replicas|constraint|limit-memory|limit-cpu|reserve-memory|update-delay|update-parallelism|secret|config|mode|volumes-from|cidfile|gpus|shm-size|stop-signal|stop-timeout|health-cmd))$/;

/** What fetches something that no machine without the internet has. */
const INTERNET =
  /\b(apt(-get)? (update|install)|apk (add|update)|yum |dnf |git clone|npm (i|install)|pip3? install|go (get|install)|curl [^|;&]*https?:\/\/(?!localhost|127\.|\$)|wget [^|;&]*https?:\/\/(?!localhost|127\.|\$)|docker (plugin install|scout|init)|kubectl|ping (-\w+ \S+ )*[\w-]+\.(com|org|io|net))/;

/** Names of the images that a line of shell or of a Dockerfile takes from a registry. */
export function imagesIn(line: string): string[] {
  const from = /^\s*FROM\s+(?:--platform=\S+\s+)?(\S+)/i.exec(line)?.[1];
  if (from !== undefined) return from === 'scratch' ? [] : [from];
  const words = line.replace(/^\s*(\$|#|sudo)\s+/, '').split(/\s+/);
  const start = words.indexOf('docker');
  const [first = '', second = ''] = words.slice(start + 1);
  const isGroup = ['container', 'image', 'service'].includes(first);
  const action = isGroup ? second : first;
  if (start < 0 || !['run', 'create', 'pull'].includes(action)) return [];
  if (!isGroup && action === 'create' && second === '') return [];
  const rest = words.slice(start + (isGroup ? 3 : 2));
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? '';
    if (WITH_VALUE.test(word)) i++;
    else if (!word.startsWith('-')) return word === '' || /[$<>{}"'|;&\\]/.test(word) ? [] : [word];
  }
  return [];
}

/** Looks over the scripts of one lesson: notes what is doubtful about them, and gathers the images that the hub has. */
export class Scan {
  readonly images = new Set<string>();

  constructor(
    private readonly hub: HubTags,
    private readonly notes: Notes,
  ) {}

  /** Looks over `script`, which begins at `line` of `file`. */
  script(script: string, file: string, line: number): void {
    script.split('\n').forEach((text, i) => {
      for (const name of imagesIn(text)) this.#image(name, file, line + i);
      if (INTERNET.test(text)) this.notes.add('internet', file, line + i, `\`${text.trim()}\``);
    });
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

/** Whether a check script can only end well: no command in it decides. */
export function looksVacuous(script: string): boolean {
  const lines = script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const fails = lines.some((line) => /\bexit\s+[1-9]|\bfalse\b|\breturn\s+[1-9]|set -\w*e/.test(line));
  const last = lines.at(-1) ?? '';
  const endsWell = /^(exit 0|true|:|echo\b.*|printf\b.*|fi|done|)$/.test(last);
  return (
    lines.length === 0 ||
    (!fails && endsWell) ||
    lines.some((line) => /\|\s*grep\s+(-\w+\s+)*-\w*v/.test(line))
  );
}

/** Whether a script waits by a fixed time. */
export function sleeps(script: string): boolean {
  return /(^|[;&|\s])sleep\s+\d/m.test(script);
}
