/**
 * The Engine's API, spoken from outside of the machine without a command line in it, over three connections: one for
 * questions, one on which the Engine tells of its events, and, once it is needed, one for what changes something, which may
 * take long (a container has ten seconds to stop).
 *
 * Connecting to the socket of an Engine that was stopped, or is being stopped, would have systemd start it. So it is looked
 * first whether it runs, by its pid file, and one that has ended our connections is left alone until it is another.
 *
 * An Engine that is stopped ends idle connections at once, and waits for five seconds for those on which something is
 * still told (net/http's Shutdown, called by dockerd). So when the one for questions ends, we end the one for events.
 *
 * API: https://docs.docker.com/reference/api/engine/version/v1.45/
 */
import { readBounded } from '../bounded-body.ts';
import { within } from '../deadline.ts';
import { DrydockError } from '../error.ts';
import { ByteReader } from '../net/http/byte-reader.ts';
import { HttpClient } from '../net/http/client.ts';
import { encodeLatin1 } from '../net/http/latin1.ts';
import type { TcpConnection } from '../net/tcp-connection.ts';
import { connectInside, type Inside } from '../vm/inside-connection.ts';
import type { EngineAnswer, EngineRequest } from '../protocol.ts';

const SOCKET = '/run/docker.sock';
const PID_FILE = '/run/docker.pid';

/** How long the Engine may take to answer, in milliseconds: it deletes images in one request. */
const ANSWER_MILLISECONDS = 120_000;

/** How long it is waited before it is looked again whether the Engine runs, in milliseconds. */
const RETRY_MILLISECONDS = 3000;

/** After so long an Engine that has ended our connections is not being stopped, in milliseconds (systemd gives it 90 s). */
const STOP_MILLISECONDS = 120_000;

/** Bytes of an answer: 40 containers, inspected, are 300 KB; a file out of a container may be more. */
const MAX_ANSWER = 64 * 1024 * 1024;

/** Bytes of one event. */
const MAX_EVENT = 256 * 1024;

/** What the Engine is asked to tell of: not of every check of a container's health, which runs a program in it. */
const EVENTS = {
  type: ['container', 'image', 'network', 'volume', 'service', 'node', 'secret', 'config'],
  event: [
    'create, start, restart, die, stop, destroy, pause, unpause, rename, update, health_status, connect, disconnect, commit',
    'mount, unmount, pull, tag, untag, delete, import, load, remove, prune',
  ].flatMap((names) => names.split(', ')),
};

export interface EngineLinkOptions extends Inside {
  /** Called with an event as the Engine writes it, JSON on a line. */
  onEvent: (line: string) => void;
  /** Called when events begin to be told, and when they no longer are. */
  onState: (state: 'told' | 'lost') => void;
}

/** What a connection is for. */
type Purpose = 'questions' | 'changes';

export class EngineLink {
  readonly #options: EngineLinkOptions;
  readonly #end = new AbortController();
  readonly #clients: Record<Purpose, Promise<HttpClient> | undefined> = {
    questions: undefined,
    changes: undefined,
  };
  /** The pid file of the Engine that we are connected to. */
  #pid = '';
  /** That of the one that has ended our connections, and when. */
  #left: { pid: string; at: number } | undefined;
  /** A request that took too long has ended the connection, not the Engine. */
  #isOurEnd = false;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: EngineLinkOptions) {
    this.#options = options;
  }

  /** Asks the Engine to tell of its events, whenever it runs, until `close`. */
  watch(): void {
    void this.#listen()
      .catch(() => undefined)
      .then(() => {
        if (this.#end.signal.aborted) return;
        this.#retry = setTimeout(() => {
          this.watch();
        }, RETRY_MILLISECONDS);
      });
  }

  /**
   * Sends one request, after those of its kind before it.
   * @throws DrydockError `network-failed` when the Engine does not run or breaks off, `timeout` when it does not answer
   */
  async ask({ method, target, body }: EngineRequest): Promise<EngineAnswer> {
    const purpose = method === 'GET' || method === 'HEAD' ? 'questions' : 'changes';
    const client = await this.#connect(purpose);
    const headers: [string, string][] = [['Host', 'docker']];
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    if (body !== undefined)
      headers.push(['Content-Type', body === bytes ? 'application/x-tar' : 'application/json']);
    return within(ANSWER_MILLISECONDS, `${method} ${target}`, this.#end.signal, async (signal) => {
      const response = await client.request({ method, target, headers, body: bytes, signal });
      const answer = await readBounded(response.body, MAX_ANSWER);
      if (!answer)
        throw new DrydockError('network-failed', `${method} ${target}: the answer is too large.`, {
          limit: MAX_ANSWER,
        });
      return { status: response.status, headers: Object.fromEntries(response.headers), bytes: answer };
    }).catch((error: unknown) => {
      // It was we who broke off: the answer took too long, or was too large.
      if (purpose === 'questions' && !client.isOpen && isOurs(error)) this.#isOurEnd = true;
      throw error;
    });
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#end.abort(new DrydockError('wrong-state', 'The machine was reset or shut down.'));
  }

  /** Hears the Engine out until it ends. */
  async #listen(): Promise<void> {
    const client = new HttpClient(await this.#dial());
    const target = `/events?filters=${encodeURIComponent(JSON.stringify(EVENTS))}`;
    const response = await within(ANSWER_MILLISECONDS, 'GET /events', this.#end.signal, (signal) => {
      signal.addEventListener('abort', () => {
        client.abort();
      });
      return client.request({
        method: 'GET',
        target,
        headers: [['Host', 'docker']],
        // What is told goes on after its beginning, for which the deadline is.
        signal: this.#end.signal,
      });
    });
    if (response.status !== 200 || !response.body) {
      client.close();
      throw new DrydockError('network-failed', `The Engine tells no events: status ${response.status}.`);
    }
    this.#options.onState('told');
    try {
      // One that was never used would not be known to be idle.
      await this.ask({ method: 'GET', target: '/_ping' });
      const requests = await this.#connect('questions');
      void requests.ended.then(() => {
        client.abort();
      });
      const reader = new ByteReader(response.body);
      for (let line = await reader.line(MAX_EVENT); line !== undefined; line = await reader.line(MAX_EVENT))
        if (line !== '') this.#options.onEvent(new TextDecoder().decode(encodeLatin1(line)));
    } finally {
      client.abort();
      if (!this.#isOurEnd) this.#left = { pid: this.#pid, at: performance.now() };
      this.#isOurEnd = false;
      if (!this.#end.signal.aborted) this.#options.onState('lost');
    }
  }

  /** The connection for a purpose; another one when that has ended. */
  #connect(purpose: Purpose): Promise<HttpClient> {
    const before = this.#clients[purpose];
    const next = (async () => {
      const present = await before?.catch(() => undefined);
      return present?.isOpen ? present : new HttpClient(await this.#dial());
    })();
    this.#clients[purpose] = next;
    return next;
  }

  /** Has the machine connect its Engine to us. */
  async #dial(): Promise<TcpConnection> {
    try {
      this.#pid = new TextDecoder().decode(await this.#options.agent.readFile(PID_FILE));
    } catch (cause) {
      throw new DrydockError('network-failed', 'The Docker Engine does not run.', {}, { cause });
    }
    if (this.#left?.pid === this.#pid && performance.now() - this.#left.at < STOP_MILLISECONDS)
      throw new DrydockError('network-failed', 'The Docker Engine is being stopped.');
    return connectInside(this.#options, `UNIX-CONNECT:${SOCKET}`, this.#end.signal);
  }
}

const isOurs = (error: unknown): boolean =>
  error instanceof DrydockError && (error.code === 'timeout' || error.details['limit'] !== undefined);
