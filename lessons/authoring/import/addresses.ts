/** Killercoda's and Katacoda's ways to name the addresses of a scenario's machines. */
import type { Notes } from './imported.ts';
import { outsideCode } from './prose.ts';

/** `{{TRAFFIC_HOST1_80}}` is the address of a page in the browser. */
const TRAFFIC = String.raw`(?:https?:\/\/)?\{\{\s*TRAFFIC_HOST(\d+)_(\d+)\s*\}\}`;

const KATACODA =
  /(?:https?:\/\/)?\[\[HOST(\d*)_SUBDOMAIN\]\]-(\d+)-\[\[KATACODA_HOST\]\]\.environments\.katacoda\.com/g;

/** Code with addresses as a command in the machine takes them. */
export function localCode(code: string, file: string, line: number, notes: Notes): string {
  return local(modern(code, file, line, notes), file, line, notes);
}

/** Running text with commands in the place of links: a link to localhost would lead to the reader's own computer. */
export function localText(text: string, file: string, line: number, notes: Notes): string {
  const prose = outsideCode(modern(text, file, line, notes), (rest) =>
    rest
      .replace(
        new RegExp(String.raw`\[([^\]]*)\]\(${TRAFFIC}([^)]*)\)`, 'g'),
        (_, label: string, host: string, port: string, path: string) => {
          noteTraffic(host, port, file, line, notes);
          return `${label} (port ${port}: \`curl ${addressOf(host, port)}${path}\`)`;
        },
      )
      .replace(
        new RegExp(`${TRAFFIC}([\\w/.?=&%-]*\\w|/)?`, 'g'),
        (_, host: string, port: string, path = '') => {
          noteTraffic(host, port, file, line, notes);
          return `\`${addressOf(host, port)}${String(path)}\``;
        },
      ),
  );
  return local(prose, file, line, notes);
}

function local(text: string, file: string, line: number, notes: Notes): string {
  return text.replace(new RegExp(TRAFFIC, 'g'), (_, host: string, port: string) => {
    noteTraffic(host, port, file, line, notes);
    return addressOf(host, port);
  });
}

/** Katacoda's names as Killercoda's, where it has them. */
function modern(text: string, file: string, line: number, notes: Notes): string {
  const changed = text.replace(
    KATACODA,
    (_, host: string, port: string) => `{{TRAFFIC_HOST${host === '' ? '1' : host}_${port}}}`,
  );
  for (const [name] of changed.matchAll(/\[\[[A-Z\d_]+\]\]/g))
    notes.add('to do', file, line, `\`${name}\` stands for what only the machine knows: write a value block`);
  return changed;
}

/** The first host is where commands run that name none. */
function addressOf(host: string, port: string): string {
  return `http://${Number(host) > 1 ? `node${host}` : 'localhost'}:${port}`;
}

function noteTraffic(host: string, port: string, file: string, line: number, notes: Notes): void {
  notes.add('changed', file, line, `link to port ${port}: ${addressOf(host, port)}`);
}
