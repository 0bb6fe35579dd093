import { Terminal } from '@xterm/xterm';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { CommandMarks } from './command-marks.ts';

const prompt = (code = 0, path = '~'): string =>
  `\x1b]133;D;${code}\x07\x1b]133;A\x07root@node1:${path}# \x1b]133;B\x07`;

/** What bash prints once Enter is typed. */
const ENTER = '\r\n\x1b]133;C\x07';

/** A terminal, what was told of it, and a way to print and wait. */
function watched({ columns = 40, rows = 8 } = {}) {
  const terminal = new Terminal({ cols: columns, rows, scrollback: 20, allowProposedApi: true });
  const told: string[] = [];
  let late = false;
  const marks = new CommandMarks(
    terminal,
    {
      onCommand: ({ text, to }) => told.push(`${to}: ${text}`),
      onCommandEnd: (code) => told.push(`ended: ${String(code)}`),
    },
    () => late,
  );
  const print = (text: string, isLate = false) =>
    new Promise<void>((resolve) => {
      late = isLate;
      terminal.write(text, resolve);
    });
  return { terminal, told, marks, print };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('commands of the shell', () => {
  test('a command and its exit code', async () => {
    const { told, print } = watched();
    await print(`${prompt()}docker ps${ENTER}CONTAINER ID\r\n${prompt()}`);
    await print(`false${ENTER}${prompt(1)}`);
    expect(told).toEqual(['shell: docker ps', 'ended: 0', 'shell: false', 'ended: 1']);
  });

  test('one that the width has wrapped', async () => {
    const { told, print } = watched({ columns: 30 });
    const command = 'docker run -d --name web -p 8080:80 nginx sleep 1d';
    await print(prompt() + command + ENTER);
    expect(told).toEqual([`shell: ${command}`]);
  });

  test('one that fills its row to the last column, and a space at the edge', async () => {
    const { told, print } = watched({ columns: 20 });
    await print(`${prompt()}abcdef${ENTER}${prompt()}abcde fgh${ENTER}`);
    expect(told.filter((line) => line.startsWith('shell'))).toEqual(['shell: abcdef', 'shell: abcde fgh']);
  });

  test('one of several lines', async () => {
    const { told, print } = watched();
    await print(`${prompt()}for i in 1 2; do\r\n> echo $i\r\n> done${ENTER}`);
    expect(told).toEqual(['shell: for i in 1 2; do\necho $i\ndone']);
  });

  test('lines that were pasted as one', async () => {
    const { told, print } = watched();
    await print(`${prompt()}docker ps\r\ndocker images${ENTER}# of containers\r\n\x1b]133;C\x07${prompt()}`);
    expect(told).toEqual(['shell: docker ps\ndocker images', 'ended: 0']);
  });

  test('one that was edited in the middle of its line', async () => {
    const { told, print } = watched();
    await print(`${prompt()}docker p -a\b\b\b\x1b[@s${ENTER}`);
    expect(told).toEqual(['shell: docker ps -a']);
  });

  test('a prompt that is printed anew tells nothing', async () => {
    const { told, print } = watched();
    await print(`${prompt(1)}ls\r${prompt(1)}ls -l${ENTER}`);
    expect(told).toEqual(['shell: ls -l']);
  });

  test('an empty line and a Ctrl-C at the prompt tell nothing', async () => {
    const { told, print } = watched();
    await print(`${prompt()}\r\n${prompt()}docker^C\r\n${prompt(130)}`);
    expect(told).toEqual([]);
  });

  test('a command that begins with a space is kept to oneself', async () => {
    const { told, print } = watched();
    await print(`${prompt()} docker login -u ada -p secret${ENTER}${prompt()}`);
    expect(told).toEqual([]);
  });

  test('after a resize the place is where its line has gone', async () => {
    const { terminal, told, print } = watched({ columns: 60, rows: 6 });
    await print(`${'a long line of output that will be wrapped '.repeat(2)}\r\n${prompt()}docker ps`);
    terminal.resize(30, 6);
    await print(ENTER);
    expect(told).toEqual(['shell: docker ps']);
  });

  test('a command whose line has left the scrollback is not told', async () => {
    const { told, print } = watched({ rows: 4 });
    await print(`${prompt()}cat <<X\r\n${'> x\r\n'.repeat(60)}> X${ENTER}`);
    expect(told).toEqual([]);
  });
});

describe('replays', () => {
  test('what is shown late tells nothing, and its last prompt is good for the next command', async () => {
    const { told, print } = watched();
    await print(`${prompt()}docker ps${ENTER}nothing\r\n${prompt()}`, true);
    await print(`ls${ENTER}${prompt()}`);
    expect(told).toEqual(['shell: ls', 'ended: 0']);
  });

  test('the end of a command that was replayed is not told', async () => {
    const { told, print } = watched();
    await print(`${prompt()}sleep 9${ENTER}`, true);
    await print(prompt());
    expect(told).toEqual([]);
  });

  test('a screen that was restored without its marks', async () => {
    const { told, print } = watched();
    await print('root@node1:~# ', true);
    await print(`docker ps${ENTER}${prompt()}`);
    expect(told).toEqual(['shell: docker ps', 'ended: 0']);
  });

  test('a reset ends what ran', async () => {
    const { told, marks, print } = watched();
    await print(`${prompt()}sleep 9${ENTER}`);
    marks.reset();
    await print(prompt());
    expect(told).toEqual(['shell: sleep 9', 'ended: undefined']);
  });
});

describe('programs that ask for lines themselves', () => {
  const inContainer = `${prompt()}docker exec -it first sh${ENTER}/ # `;

  test('a shell in a container', async () => {
    const { told, marks, print } = watched();
    await print(`${inContainer}ls /`);
    marks.enter(1);
    await print('\r\nbin   etc\r\n/ # ');
    expect(told).toEqual(['shell: docker exec -it first sh', 'program: ls /']);
  });

  test('an echo that comes after Enter', async () => {
    const { told, marks, print } = watched();
    await print(inContainer);
    marks.enter(2);
    await print('hostname\r\nabc # 1\r\n/ # id\r\nuid=0\r\n/ # ');
    expect(told.slice(1)).toEqual(['program: hostname', 'program: id']);
  });

  test('a line that wrapped, and prompts of other programs', async () => {
    const { told, marks, print } = watched({ columns: 24 });
    await print(`${prompt()}docker exec -it db psql${ENTER}postgres=# SELECT name FROM ships;`);
    marks.enter(1);
    await print('\r\n mysql> SHOW TABLES;');
    marks.enter(1);
    await print('\r\n>>> print(1)');
    marks.enter(1);
    await print('\r\n1\r\n');
    expect(told.slice(1)).toEqual([
      'program: SELECT name FROM ships;',
      'program: SHOW TABLES;',
      'program: print(1)',
    ]);
  });

  test('a password that is not echoed', async () => {
    const { told, marks, print } = watched();
    await print(`${prompt()}docker login${ENTER}Username: ada\r\nPassword: `);
    marks.enter(1);
    await print('\r\nLogin Succeeded\r\n');
    expect(told).toEqual(['shell: docker login']);
  });

  test('an Enter that nobody answers is given up', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { told, marks, print } = watched();
    await print(inContainer);
    marks.enter(1);
    vi.advanceTimersByTime(6000);
    await print('# late\r\n');
    expect(told).toHaveLength(1);
  });

  test('a full-screen program', async () => {
    const { told, marks, print } = watched();
    await print(`${prompt()}nano x${ENTER}\x1b[?1049h\x1b[H# a heading`);
    marks.enter(1);
    await print('\r\n');
    expect(told).toEqual(['shell: nano x']);
  });

  test('Enter at the shell itself is the shell’s', async () => {
    const { told, marks, print } = watched();
    await print(`${prompt()}ls`);
    marks.enter(1);
    await print(ENTER);
    expect(told).toEqual(['shell: ls']);
  });
});
