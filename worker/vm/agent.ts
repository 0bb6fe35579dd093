/**
 * The guest agent: Debian's qemu-guest-agent on the fourth virtio console, spoken to in its own protocol
 * (one JSON object a line; https://www.qemu.org/docs/master/interop/qemu-ga-ref.html). Checks, the command
 * line and the app look into the machine with it, so nothing is ever typed into the learner's shell.
 *
 * The agent answers in order and without ids. So requests go out one at a time, and a reply that misses
 * its deadline may still come later and be taken for the next one's: after any miss the channel is
 * brought in step again with `guest-sync-delimited`, whose reply starts with a byte (0xFF) that nothing
 * else contains and repeats a number of ours.
 */
import { DrydockError } from '../error.ts';
import type { ExecOptions, ExecResult, FileRange } from '../protocol.ts';
import { z } from '../schema.ts';

/** Deadline of one agent request (not of a script), in milliseconds: the guest may be busy, but it schedules fairly. */
const REPLY_MILLISECONDS = 20_000;

/** Deadline of a script when the caller gives none, in seconds. */
const DEFAULT_TIMEOUT = 60;

/** What `timeout --kill-after` gives a script that ignores SIGTERM, in seconds. */
const KILL_AFTER = 2;

/** Exit codes by which coreutils' `timeout` says that the deadline passed: ended by SIGTERM, by SIGKILL. */
const TIMED_OUT = [124, 137];

/** Pauses between looks whether a script has ended: short at first, each look costs the guest about 0.1 Mi. */
const FIRST_POLL_MILLISECONDS = 15;
const LAST_POLL_MILLISECONDS = 250;

/** Bytes per file request; base64 makes a line of 4/3 of it. */
const FILE_CHUNK_BYTES = 96 * 1024;

const ENVIRONMENT: Record<string, string> = {
  HOME: '/root',
  LANG: 'C.UTF-8',
  LOGNAME: 'root',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  SHELL: '/bin/bash',
  TERM: 'dumb',
  USER: 'root',
};

const replySchema = z.union([
  z.object({ return: z.unknown() }),
  z.object({ error: z.object({ class: z.string(), desc: z.string() }) }),
]);
const execSchema = z.object({ pid: z.int() });
const statusSchema = z.object({
  exited: z.boolean(),
  exitcode: z.optional(z.int()),
  signal: z.optional(z.int()),
  'out-data': z.optional(z.string()),
  'err-data': z.optional(z.string()),
});
const readSchema = z.object({ count: z.int(), 'buf-b64': z.string(), eof: z.boolean() });

/** The byte stream to the agent: a machine's console, or a socket to another emulator's. */
export interface AgentChannel {
  send(bytes: Uint8Array): void;
  onOutput(listener: (bytes: Uint8Array<ArrayBuffer>) => void): void;
}

/** What a program printed, how it ended, and after how long. */
export interface ProgramResult extends Omit<ExecResult, 'timedOut'> {
  seconds: number;
}

interface Waiting {
  accept(line: string): void;
  refuse(error: DrydockError): void;
}

export class Agent {
  readonly #channel: AgentChannel;
  readonly #decoder = new TextDecoder();
  #received: string[] = [];
  #waiting: Waiting | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #inStep = false;
  #syncNumber = 1;
  /** Counts the states that the machine had: what was asked of one is not to be asked of the next. */
  #epoch = 0;

  constructor(channel: AgentChannel) {
    this.#channel = channel;
    channel.onOutput((bytes) => {
      this.#receive(this.#decoder.decode(bytes, { stream: true }));
    });
  }

  /** Ends what is in flight or waits for its turn with an error: another state takes the machine's place. */
  reset(): void {
    this.#epoch++;
    this.#inStep = false;
    this.#received = [];
    this.#waiting?.refuse(replaced());
  }

  /**
   * Runs `script` with bash as root and waits until it ends.
   * @throws DrydockError `timeout` when the machine does not answer, `agent-failed` when the agent refuses
   */
  async exec(script: string, options: ExecOptions = {}): Promise<ExecResult> {
    const seconds = options.timeout ?? DEFAULT_TIMEOUT;
    const limited = [`--kill-after=${KILL_AFTER}`, String(seconds), '/bin/bash', '-c', script];
    const { seconds: elapsed, ...result } = await this.run('/usr/bin/timeout', limited, {
      ...options,
      timeout: seconds + KILL_AFTER,
    });
    return { ...result, timedOut: TIMED_OUT.includes(result.exitCode) && elapsed >= seconds };
  }

  /**
   * Runs one program that surely ends, as root: half the guest's work of a script.
   * @throws DrydockError like `exec`, and `timeout` when it runs for longer than it may
   */
  async run(
    path: string,
    parameters: string[],
    { timeout = DEFAULT_TIMEOUT, stdin, env }: ExecOptions = {},
  ): Promise<ProgramResult> {
    const epoch = this.#epoch;
    const started = performance.now();
    const { pid } = execSchema.parse(
      await this.#request(epoch, 'guest-exec', {
        path,
        arg: parameters,
        env: Object.entries({ ...ENVIRONMENT, ...env }).map(([name, value]) => `${name}=${value}`),
        'input-data': stdin === undefined ? undefined : toBase64(new TextEncoder().encode(stdin)),
        'capture-output': true,
      }),
    );
    const deadline = started + timeout * 1000 + REPLY_MILLISECONDS;
    for (let pause = FIRST_POLL_MILLISECONDS; ; pause = Math.min(pause * 1.5, LAST_POLL_MILLISECONDS)) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      const status = statusSchema.parse(await this.#request(epoch, 'guest-exec-status', { pid }));
      const seconds = (performance.now() - started) / 1000;
      if (status.exited) {
        return {
          exitCode: status.exitcode ?? 128 + (status.signal ?? 0),
          stdout: fromBase64Text(status['out-data']),
          stderr: fromBase64Text(status['err-data']),
          seconds,
        };
      }
      if (performance.now() > deadline) {
        throw new DrydockError(
          'timeout',
          `A program did not end ${Math.round(seconds)} s after it was started.`,
          { path, pid },
        );
      }
    }
  }

  /** Starts a program, as root; what it prints is thrown away. @returns its process id, for `hasEnded` */
  async start(path: string, parameters: string[]): Promise<number> {
    const env = Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
    return execSchema.parse(await this.#request(this.#epoch, 'guest-exec', { path, arg: parameters, env }))
      .pid;
  }

  /** Whether a program that was started has ended; the agent remembers one until it is asked, and can then not be asked again. */
  async hasEnded(pid: number): Promise<boolean> {
    return statusSchema.parse(await this.#request(this.#epoch, 'guest-exec-status', { pid })).exited;
  }

  /** Reads a file of the machine, or a part of it, which is shorter where the file ends. */
  async readFile(path: string, range?: FileRange): Promise<Uint8Array<ArrayBuffer>> {
    const epoch = this.#epoch;
    const handle = await this.#request(epoch, 'guest-file-open', { path, mode: 'r' });
    try {
      if (range)
        await this.#request(epoch, 'guest-file-seek', { handle, offset: range.start, whence: 'set' });
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for (let left = range?.length ?? Infinity; left > 0;) {
        const count = Math.min(FILE_CHUNK_BYTES, left);
        const part = readSchema.parse(await this.#request(epoch, 'guest-file-read', { handle, count }));
        parts.push(fromBase64(part['buf-b64']));
        left -= part.count;
        if (part.eof || part.count === 0) break;
      }
      return new Uint8Array(await new Blob(parts).arrayBuffer());
    } finally {
      await this.#request(epoch, 'guest-file-close', { handle });
    }
  }

  /** Writes a file on the machine, in place of what was there or at its end. Its folder must exist. */
  async writeFile(path: string, bytes: Uint8Array, mode: 'replace' | 'append' = 'replace'): Promise<void> {
    const epoch = this.#epoch;
    const handle = await this.#request(epoch, 'guest-file-open', {
      path,
      mode: mode === 'append' ? 'a' : 'w',
    });
    try {
      for (let start = 0; start < bytes.length; start += FILE_CHUNK_BYTES) {
        const part = bytes.subarray(start, start + FILE_CHUNK_BYTES);
        await this.#request(epoch, 'guest-file-write', { handle, 'buf-b64': toBase64(part) });
      }
    } finally {
      await this.#request(epoch, 'guest-file-close', { handle });
    }
  }

  /** Waits until the agent answers, for at most `milliseconds`: the machine is up. */
  async ready(milliseconds: number): Promise<void> {
    const epoch = this.#epoch;
    const deadline = performance.now() + milliseconds;
    await this.#exclusive(epoch, async () => {
      for (;;) {
        try {
          await this.#synchronise(Math.min(2000, milliseconds));
          return;
        } catch (error) {
          if (epoch !== this.#epoch || performance.now() > deadline) throw error;
        }
      }
    });
  }

  #request(epoch: number, command: string, parameters: Record<string, unknown>): Promise<unknown> {
    return this.#exclusive(epoch, async () => {
      if (!this.#inStep) await this.#synchronise(REPLY_MILLISECONDS);
      let answer: string;
      try {
        answer = await this.#roundTrip(
          { execute: command, arguments: parameters },
          REPLY_MILLISECONDS,
          () => true,
        );
      } catch (error) {
        this.#inStep = false;
        throw error;
      }
      const reply = parseReply(answer);
      if (!reply) {
        this.#inStep = false;
        throw new DrydockError('agent-failed', `${command}: the answer is none of the agent's.`, { command });
      }
      if ('return' in reply) return reply.return;
      throw new DrydockError('agent-failed', `${command}: ${reply.error.desc}`, {
        command,
        class: reply.error.class,
      });
    });
  }

  async #synchronise(milliseconds: number): Promise<void> {
    const id = this.#syncNumber++;
    const expected = new RegExp(`"return":\\s*${id}\\b`);
    this.#channel.send(Uint8Array.of(0xff));
    await this.#roundTrip({ execute: 'guest-sync-delimited', arguments: { id } }, milliseconds, (line) =>
      expected.test(line),
    );
    this.#inStep = true;
  }

  /** Sends one request and resolves with the first line that `matches`; other lines are replies nobody waits for. */
  #roundTrip(request: object, milliseconds: number, matches: (line: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const refuse = (error: DrydockError): void => {
        clearTimeout(timer);
        this.#waiting = undefined;
        reject(error);
      };
      const timer = setTimeout(() => {
        refuse(
          new DrydockError('timeout', `The machine's agent did not answer within ${milliseconds / 1000} s.`, {
            request: JSON.stringify(request).slice(0, 200),
          }),
        );
      }, milliseconds);
      this.#waiting = {
        accept: (line) => {
          if (!matches(line)) return;
          clearTimeout(timer);
          this.#waiting = undefined;
          resolve(line);
        },
        refuse,
      };
      this.#channel.send(new TextEncoder().encode(JSON.stringify(request) + '\n'));
    });
  }

  #exclusive<T>(epoch: number, action: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => {
      if (epoch !== this.#epoch) throw replaced();
      return action();
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #receive(text: string): void {
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      const whole = (this.#received.join('') + line).trim();
      this.#received = [];
      // The delimiter byte 0xFF is not UTF-8: the decoder shows it as U+FFFD.
      this.#waiting?.accept(whole.replace(/^\uFFFD+/, ''));
    }
    if (last) this.#received.push(last);
  }
}

/** What the agent answered, or nothing where `line` makes no sense: bytes were lost, or it died in the middle. */
function parseReply(line: string): z.infer<typeof replySchema> | undefined {
  try {
    return replySchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function replaced(): DrydockError {
  return new DrydockError('wrong-state', 'The machine was reset or destroyed before it answered.');
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let start = 0; start < bytes.length; start += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  return Uint8Array.from({ length: binary.length }, (_, i) => binary.charCodeAt(i));
}

function fromBase64Text(text: string | undefined): string {
  return text === undefined ? '' : new TextDecoder().decode(fromBase64(text));
}
