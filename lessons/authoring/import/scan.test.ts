import { expect, test } from 'vitest';
import { Notes, type NoteKind } from './imported.ts';
import { Scan } from './scan.ts';

const hub = new Map([['docker.io/library/nginx', ['latest', '1.26']]]);

function scanned(kind: NoteKind, look: (scan: Scan) => void): string[] {
  const notes = new Notes();
  look(new Scan(hub, notes));
  return notes.all.filter((note) => note.kind === kind).map(({ line, text }) => `${line}: ${text}`);
}

test('images that the lesson makes itself are not missed', () => {
  const notes = scanned('image', (scan) => {
    scan.script('docker run app\ndocker build -t app:latest .\ndocker run app\ndocker run app:v2', 'a.md', 1);
    scan.script('FROM golang:9 AS maker\nFROM maker', 'a.md', 10);
  });
  expect(notes).toEqual(['1: app', '4: app:v2', '10: golang:9']);
});

test('a command that goes on in the next line is read whole, at its first line', () => {
  const notes = scanned('image', (scan) => {
    scan.script('ls\ndocker run \\\n  --name x \\\n  mongo:7 bash', 'a.md', 1);
  });
  expect(notes).toEqual(['2: mongo:7']);
});

test.each([
  'apt-get -y install jq',
  'apk --no-cache add curl',
  'ping -c5 www.site.example.org',
  'ping -c 2 8.8.8.8',
  'CMD ["ping", "site.org"]',
  'ADD https://a.example/b /b',
])('%s needs the internet', (command) => {
  const notes = scanned('internet', (scan) => {
    scan.script(command, 'a.md', 1);
  });
  expect(notes).toEqual([`1: \`${command}\``]);
});

test('what check refuses and what keeps the terminal is said', () => {
  const notes = scanned('to do', (scan) => {
    scan.command('db.things.find()\n', 'a.md', 3);
    scan.command('docker run --rm \\\n -it nginx sh', 'a.md', 5);
    scan.command('docker top web', 'a.md', 7);
  });
  expect(notes).toEqual([
    '3: `db.things.find()` is not bash, so that check refuses it',
    '5: `docker run --rm -it nginx sh` keeps the terminal: mark it stays if it does',
  ]);
});
