import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DrydockError } from '../error.ts';
import { Agent, type AgentChannel } from './agent.ts';

type Arguments = Record<string, unknown>;
/** What the guest does with a command: a value is its result, an `Error` its refusal, `silence` no answer. */
type Handler = (parameters: Arguments) => unknown;

const silence = Symbol('silence');

const base64 = (content: string | Uint8Array) => Buffer.from(content).toString('base64');
const exited = (exitcode: number, stdout = '', stderr = '') => ({
  exited: true,
  exitcode,
  'out-data': base64(stdout),
  'err-data': base64(stderr),
});

/** qemu-ga, following a script. It answers in later microtasks, and notes every request. */
class FakeGuest implements AgentChannel {
  readonly requests: { execute: string; arguments: Arguments }[] = [];
  readonly handlers: Record<string, Handler> = {};
  /** Bytes of one delivery; an answer comes in as many as it takes. */
  deliveryBytes = Infinity;
  /** Called with each sync number; `silence` leaves it unanswered. */
  onSync: (id: unknown) => unknown = (id) => id;
  #listener: (bytes: Uint8Array<ArrayBuffer>) => void = () => undefined;
  #input = '';

  onOutput(listener: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    this.#listener = listener;
  }

  send(bytes: Uint8Array): void {
    if (bytes[0] === 0xff) {
      this.#input = '';
      return;
    }
    this.#input += new TextDecoder().decode(bytes);
    const lines = this.#input.split('\n');
    this.#input = lines.pop() ?? '';
    for (const line of lines) this.#answer(JSON.parse(line) as (typeof this.requests)[number]);
  }

  /** Writes to the channel as the guest does. */
  write(content: string | Uint8Array): void {
    const bytes = new Uint8Array(Buffer.from(content));
    for (let start = 0; start < bytes.length; start += this.deliveryBytes) {
      this.#listener(bytes.slice(start, start + this.deliveryBytes));
    }
  }

  /** Names of the commands that came, without those that bring the channel in step. */
  get commands(): string[] {
    return this.requests.map(({ execute }) => execute).filter((name) => name !== 'guest-sync-delimited');
  }

  get syncs(): number {
    return this.requests.length - this.commands.length;
  }

  #answer(request: (typeof this.requests)[number]): void {
    this.requests.push(request);
    queueMicrotask(() => {
      if (request.execute === 'guest-sync-delimited') {
        const id = this.onSync(request.arguments.id);
        if (id !== silence) {
          this.write(Buffer.concat([Buffer.of(0xff), Buffer.from(`${JSON.stringify({ return: id })}\n`)]));
        }
        return;
      }
      const result = this.handlers[request.execute]?.(request.arguments) ?? {};
      if (result === silence) return;
      const reply =
        result instanceof Error
          ? { error: { class: 'GenericError', desc: result.message } }
          : { return: result };
      this.write(`${JSON.stringify(reply)}\n`);
    });
  }
}

/** An agent and its guest, in which every script has pid 7 and prints `ok`. */
function connect() {
  const guest = new FakeGuest();
  guest.handlers['guest-exec'] = () => ({ pid: 7 });
  guest.handlers['guest-exec-status'] = () => exited(0, 'ok\n');
  return { guest, agent: new Agent(guest) };
}

/** Lets (fake) time pass until nothing waits for it any more, and gives what `promise` came to. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  const [outcome] = await Promise.allSettled([promise, vi.runAllTimersAsync()]);
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount(), 'timers left behind').toBe(0);
  vi.useRealTimers();
});

describe('exec', () => {
  it('comes in step first, then runs the script with bash under a deadline', async () => {
    const { guest, agent } = connect();
    expect(await settled(agent.exec('echo "$A"', { timeout: 5, env: { A: 'b=c' } }))).toEqual({
      exitCode: 0,
      stdout: 'ok\n',
      stderr: '',
      timedOut: false,
    });
    expect(guest.requests.map(({ execute }) => execute)).toEqual([
      'guest-sync-delimited',
      'guest-exec',
      'guest-exec-status',
    ]);
    const parameters = guest.requests[1]?.arguments;
    expect(parameters).toMatchObject({
      path: '/usr/bin/timeout',
      arg: ['--kill-after=2', '5', '/bin/bash', '-c', 'echo "$A"'],
      'capture-output': true,
    });
    expect(parameters?.env).toContain('A=b=c');
    expect(parameters?.env).toContain('HOME=/root');
    expect(parameters).not.toHaveProperty('input-data');
    expect(guest.requests[2]?.arguments).toEqual({ pid: 7 });
  });

  it('stays in step: the next script needs no sync', async () => {
    const { guest, agent } = connect();
    await settled(agent.exec('a'));
    await settled(agent.exec('b'));
    expect(guest.syncs).toBe(1);
  });

  it('looks again until the script has ended', async () => {
    const { guest, agent } = connect();
    let looks = 0;
    guest.handlers['guest-exec-status'] = () => (++looks < 5 ? { exited: false } : exited(3, '', 'no\n'));
    expect(await settled(agent.exec('x'))).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'no\n',
      timedOut: false,
    });
    expect(looks).toBe(5);
  });

  it('passes text in and out unharmed, whatever its script', async () => {
    const { guest, agent } = connect();
    const text = 'héllo ✓ 🐳 – 世界\n';
    let input: unknown;
    guest.handlers['guest-exec'] = (parameters) => {
      input = parameters['input-data'];
      return { pid: 7 };
    };
    guest.handlers['guest-exec-status'] = () => exited(0, text, text);
    const result = await settled(agent.exec(`echo '${text}'`, { stdin: text }));
    expect(result).toMatchObject({ stdout: text, stderr: text });
    expect(input).toBe(base64(text));
    expect(guest.requests[1]?.arguments.arg).toContain(`echo '${text}'`);
  });

  it('gives empty standard input when that is asked for', async () => {
    const { guest, agent } = connect();
    await settled(agent.exec('cat', { stdin: '' }));
    expect(guest.requests[1]?.arguments).toHaveProperty('input-data', '');
  });

  it('takes no output at all for empty output', async () => {
    const { guest, agent } = connect();
    guest.handlers['guest-exec-status'] = () => ({ exited: true, exitcode: 0 });
    expect(await settled(agent.exec('true'))).toMatchObject({ stdout: '', stderr: '' });
  });

  it('gives a script that a signal ended the exit code that a shell gives it', async () => {
    const { guest, agent } = connect();
    guest.handlers['guest-exec-status'] = () => ({ exited: true, signal: 15 });
    expect(await settled(agent.exec('x'))).toMatchObject({ exitCode: 143, timedOut: false });
  });

  it.each([124, 137])('calls it timed out when %i comes after the deadline', async (code) => {
    const { guest, agent } = connect();
    const end = performance.now() + 3000;
    guest.handlers['guest-exec-status'] = () => (performance.now() < end ? { exited: false } : exited(code));
    expect(await settled(agent.exec('sleep 9', { timeout: 3 }))).toMatchObject({
      exitCode: code,
      timedOut: true,
    });
  });

  it.each([124, 137])("calls it the script's own exit code when %i comes before", async (code) => {
    const { guest, agent } = connect();
    guest.handlers['guest-exec-status'] = () => exited(code);
    expect(await settled(agent.exec('x'))).toMatchObject({ exitCode: code, timedOut: false });
  });

  it('gives up on a script that not even its deadline ends', async () => {
    const { guest, agent } = connect();
    guest.handlers['guest-exec-status'] = () => ({ exited: false });
    await expect(settled(agent.exec('x', { timeout: 1 }))).rejects.toMatchObject({
      code: 'timeout',
      details: { pid: 7 },
    });
  });
});

describe('the channel', () => {
  it('puts answers together that come in pieces', async () => {
    const { guest, agent } = connect();
    guest.deliveryBytes = 3;
    guest.handlers['guest-exec-status'] = () => exited(0, 'in many pieces: 🐳\n');
    expect(await settled(agent.exec('x'))).toMatchObject({ stdout: 'in many pieces: 🐳\n' });
  });

  it('tells answers apart that come in one piece, and passes over what nobody asked for', async () => {
    const { guest, agent } = connect();
    guest.onSync = (id) => {
      guest.write(`{"return": 999}\n{"error": {"class": "GenericError", "desc": "JSON parse error"}}\n`);
      return id;
    };
    expect(await settled(agent.exec('x'))).toMatchObject({ stdout: 'ok\n' });
  });

  it('is not in step by the number of an earlier sync, nor by one that begins alike', async () => {
    const { guest, agent } = connect();
    guest.onSync = (id) => {
      guest.write(`{"return": ${String(id)}0}\n{"return": 0}\n`);
      guest.write('{"return": {}}\n');
      return id;
    };
    expect(await settled(agent.exec('x'))).toMatchObject({ stdout: 'ok\n' });
    expect(guest.syncs).toBe(1);
  });

  it('reports an error of the agent with its command, and stays in step', async () => {
    const { guest, agent } = connect();
    guest.handlers['guest-exec'] = () => new Error('no such program');
    await expect(settled(agent.exec('x'))).rejects.toMatchObject({
      code: 'agent-failed',
      message: 'guest-exec: no such program',
      details: { command: 'guest-exec', class: 'GenericError' },
    });
    guest.handlers['guest-exec'] = () => ({ pid: 8 });
    expect(await settled(agent.exec('x'))).toMatchObject({ exitCode: 0 });
    expect(guest.syncs).toBe(1);
  });

  it.each(['{"return": {"pi', '[]', ''])(
    'comes in step again after an answer that is none: %j',
    async (line) => {
      const { guest, agent } = connect();
      guest.handlers['guest-exec'] = () => {
        guest.write(`${line}\n`);
        return silence;
      };
      await expect(settled(agent.exec('x'))).rejects.toMatchObject({ code: 'agent-failed' });
      guest.handlers['guest-exec'] = () => ({ pid: 7 });
      expect(await settled(agent.exec('x'))).toMatchObject({ stdout: 'ok\n' });
      expect(guest.syncs).toBe(2);
    },
  );

  it('carries one request at a time, in the order of the calls', async () => {
    const { guest, agent } = connect();
    let outstanding = 0;
    let most = 0;
    guest.handlers['guest-file-open'] = ({ path }) => {
      most = Math.max(most, ++outstanding);
      // The answer comes by itself, later.
      setTimeout(() => {
        outstanding--;
        guest.write('{"return": 1}\n');
      }, 100);
      return path === undefined ? {} : silence;
    };
    guest.handlers['guest-file-read'] = () => ({ count: 0, 'buf-b64': '', eof: true });
    await settled(Promise.all(['/a', '/b', '/c'].map((path) => agent.readFile(path))));
    expect(most).toBe(1);
    const opened = guest.requests.filter(({ execute }) => execute === 'guest-file-open');
    expect(opened.map(({ arguments: { path } }) => path)).toEqual(['/a', '/b', '/c']);
  });
});

describe('a request without an answer', () => {
  it('is a timeout, and the next one comes in step again', async () => {
    const { guest, agent } = connect();
    guest.handlers['guest-exec'] = () => silence;
    await expect(settled(agent.exec('x'))).rejects.toMatchObject({
      code: 'timeout',
      details: { request: expect.stringContaining('guest-exec') as string },
    });
    guest.handlers['guest-exec'] = () => ({ pid: 7 });
    expect(await settled(agent.exec('x'))).toMatchObject({ stdout: 'ok\n' });
    expect(guest.syncs).toBe(2);
  });

  it.each(['before the next request', 'after it was sent'])(
    'does not lend its late answer to another: it comes %s',
    async (moment) => {
      const { guest, agent } = connect();
      guest.handlers['guest-exec'] = () => silence;
      await expect(settled(agent.exec('slow'))).rejects.toBeInstanceOf(DrydockError);

      const late = '{"return": {"pid": 666}}\n';
      if (moment === 'before the next request') guest.write(late);
      guest.onSync = (id) => {
        if (moment === 'after it was sent') guest.write(late);
        return id;
      };
      guest.handlers['guest-exec'] = () => ({ pid: 7 });
      guest.handlers['guest-exec-status'] = ({ pid }) => exited(0, `pid ${String(pid)}`);
      expect(await settled(agent.exec('next'))).toMatchObject({ stdout: 'pid 7' });
    },
  );

  it('does not keep the others from their turn', async () => {
    const { guest, agent } = connect();
    guest.handlers['guest-exec'] = ({ arg }) => ((arg as string[]).includes('bad') ? silence : { pid: 7 });
    const both = Promise.allSettled([agent.exec('bad'), agent.exec('good')]);
    const [bad, good] = await settled(both);
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
    expect(good).toMatchObject({ status: 'fulfilled', value: { stdout: 'ok\n' } });
  });
});

describe('ready', () => {
  it('asks until the guest answers', async () => {
    const { guest, agent } = connect();
    guest.onSync = (id) => (guest.syncs < 3 ? silence : id);
    await settled(agent.ready(60_000));
    expect(guest.syncs).toBe(3);
    await settled(agent.exec('x'));
    expect(guest.syncs, 'it is in step now').toBe(3);
  });

  it('gives up at its deadline', async () => {
    const { guest, agent } = connect();
    guest.onSync = () => silence;
    await expect(settled(agent.ready(5000))).rejects.toMatchObject({ code: 'timeout' });
  });
});

describe('a restored state', () => {
  it('takes nothing over from the one before', async () => {
    const { guest, agent } = connect();
    await settled(agent.exec('x'));
    // Half an answer was on its way when the state was replaced.
    guest.write('{"return": {"pi');
    agent.reset();
    expect(await settled(agent.exec('y'))).toMatchObject({ stdout: 'ok\n' });
    expect(guest.syncs).toBe(2);
  });
});

describe('what the state before was asked', () => {
  const refusal = { code: 'wrong-state' };

  it('is refused at once, whether it was under way or waited for its turn', async () => {
    const { guest, agent } = connect();
    await settled(agent.exec('x'));
    guest.handlers['guest-exec'] = () => silence;
    const refused = [agent.exec('under way'), agent.exec('waits')].map((promise) =>
      expect(promise).rejects.toMatchObject(refusal),
    );
    await vi.waitUntil(() => guest.commands.length === 3);
    agent.reset();
    await Promise.all(refused);
    expect(vi.getTimerCount()).toBe(0);
    expect(guest.commands, 'the second was never sent').toHaveLength(3);
  });

  it('does not hold up what the new state is asked', async () => {
    const { guest, agent } = connect();
    guest.handlers['guest-exec'] = () => silence;
    const refused = expect(agent.exec('old')).rejects.toMatchObject(refusal);
    await vi.waitUntil(() => guest.commands.length === 1);
    agent.reset();
    guest.handlers['guest-exec'] = () => ({ pid: 8 });
    const before = performance.now();
    await settled(agent.ready(1000));
    expect(performance.now()).toBe(before);
    await refused;
  });

  it('is not asked of the new state: neither after a pause nor to clean up', async () => {
    const { guest, agent } = connect();
    guest.handlers['guest-exec-status'] = () => ({ exited: false });
    guest.handlers['guest-file-open'] = () => 1000;
    guest.handlers['guest-file-read'] = () => silence;
    const script = expect(agent.exec('x')).rejects.toMatchObject(refusal);
    await vi.waitUntil(() => guest.commands.includes('guest-exec-status'));
    const file = expect(agent.readFile('/a')).rejects.toMatchObject(refusal);
    await vi.waitUntil(() => guest.commands.includes('guest-file-read'));
    agent.reset();
    const asked = guest.requests.length;
    await settled(Promise.all([script, file]));
    expect(guest.requests).toHaveLength(asked);
  });

  it('is not waited for by a start that was given up', async () => {
    const { guest, agent } = connect();
    guest.onSync = () => silence;
    const refused = expect(agent.ready(60_000)).rejects.toMatchObject(refusal);
    await vi.waitUntil(() => guest.syncs > 0);
    agent.reset();
    await refused;
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('files', () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31 + (i >> 8)) % 256);

  /** A guest with one file, which is read in pieces of what was asked for. */
  function connectFile(content: Uint8Array) {
    const { guest, agent } = connect();
    let position = 0;
    const written: Buffer[] = [];
    guest.handlers['guest-file-open'] = () => 1000;
    guest.handlers['guest-file-seek'] = ({ offset }) => {
      position = Number(offset);
      return { position, eof: false };
    };
    guest.handlers['guest-file-read'] = ({ count }) => {
      const part = content.subarray(position, position + Number(count));
      position += part.length;
      return { count: part.length, 'buf-b64': base64(part), eof: position >= content.length };
    };
    guest.handlers['guest-file-write'] = (parameters) => {
      const part = Buffer.from(String(parameters['buf-b64']), 'base64');
      written.push(part);
      return { count: part.length, eof: false };
    };
    return { guest, agent, written };
  }

  it('are read whole, in several pieces', async () => {
    const { guest, agent } = connectFile(bytes);
    expect(Buffer.from(await settled(agent.readFile('/root/a'))).equals(bytes)).toBe(true);
    expect(guest.commands).toEqual([
      'guest-file-open',
      'guest-file-read',
      'guest-file-read',
      'guest-file-read',
      'guest-file-close',
    ]);
    expect(guest.requests[1]?.arguments).toEqual({ path: '/root/a', mode: 'r' });
    expect(guest.requests.at(-1)?.arguments).toEqual({ handle: 1000 });
  });

  it('may be empty', async () => {
    const { agent } = connectFile(new Uint8Array());
    expect(await settled(agent.readFile('/root/empty'))).toEqual(new Uint8Array());
  });

  it('are read in part', async () => {
    const { guest, agent } = connectFile(bytes);
    const part = await settled(agent.readFile('/root/a', { start: 90_000, length: 100_000 }));
    expect(Buffer.from(part).equals(bytes.subarray(90_000, 190_000))).toBe(true);
    expect(guest.requests[2]?.arguments).toEqual({ handle: 1000, offset: 90_000, whence: 'set' });
    expect(await settled(agent.readFile('/root/a', { start: 199_999, length: 100_000 }))).toHaveLength(1);
  });

  it('are written at the end of what there is', async () => {
    const { guest, agent, written } = connectFile(bytes);
    await settled(agent.writeFile('/root/a', Uint8Array.of(7), 'append'));
    expect(guest.requests[1]?.arguments).toEqual({ path: '/root/a', mode: 'a' });
    expect(Buffer.concat(written)).toEqual(Buffer.of(7));
  });

  it('are written whole, in several pieces', async () => {
    const { guest, agent, written } = connectFile(new Uint8Array());
    await settled(agent.writeFile('/root/a', bytes));
    expect(written.map(({ length }) => length)).toEqual([98304, 98304, 3392]);
    expect(Buffer.concat(written).equals(bytes)).toBe(true);
    expect(guest.requests[1]?.arguments).toEqual({ path: '/root/a', mode: 'w' });
    expect(guest.commands.at(-1)).toBe('guest-file-close');
  });

  it('are emptied by writing nothing', async () => {
    const { guest, agent } = connectFile(bytes);
    await settled(agent.writeFile('/root/a', new Uint8Array()));
    expect(guest.commands).toEqual(['guest-file-open', 'guest-file-close']);
  });

  it('are closed when reading them fails', async () => {
    const { guest, agent } = connectFile(bytes);
    guest.handlers['guest-file-read'] = () => new Error('Is a directory');
    await expect(settled(agent.readFile('/root'))).rejects.toMatchObject({
      code: 'agent-failed',
      message: 'guest-file-read: Is a directory',
    });
    expect(guest.commands.at(-1)).toBe('guest-file-close');
  });

  it('are not written when only the close finds the disk full', async () => {
    const { guest, agent } = connectFile(bytes);
    guest.handlers['guest-file-close'] = () => new Error('No space left on device');
    await expect(settled(agent.writeFile('/root/a', bytes))).rejects.toMatchObject({ code: 'agent-failed' });
  });

  it('that cannot be opened need no close', async () => {
    const { guest, agent } = connectFile(bytes);
    guest.handlers['guest-file-open'] = () => new Error('No such file or directory');
    await expect(settled(agent.readFile('/gone'))).rejects.toMatchObject({ code: 'agent-failed' });
    expect(guest.commands).toEqual(['guest-file-open']);
  });
});
