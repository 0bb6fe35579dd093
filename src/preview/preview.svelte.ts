/**
 * One port of a machine, as it is looked at: what it shows, where that is, and the origin it is shown on. What comes from
 * there is untrusted: it is read by a schema, and shown as text.
 */
import { DrydockError } from '../../worker/error.ts';
import { hostOf, hostsOf, type PreviewAddress } from '../../worker/preview/address.ts';
import type { LoggedRequest } from '../../worker/preview/protocol.ts';
import { z } from '../../worker/schema.ts';
import type { MachineNode } from '../machine/node.svelte.ts';
import type { OpenPort } from './open-ports.ts';
import type { TakenOrigin } from './origin-pool.ts';
import type { ToOrigin } from './origin/messages.ts';
import { CONNECTOR } from './origin/paths.ts';

/** How long the origin may take until it is connected, in milliseconds. */
const CONNECT_MILLISECONDS = 20_000;

/** Requests that the log shows. */
const LOG_LENGTH = 200;

const messageSchema = z.discriminatedUnion('drydock', [
  z.object({ drydock: z.literal('connect') }),
  z.object({ drydock: z.literal('connected') }),
  z.object({ drydock: z.literal('failed'), message: z.string() }),
  z.object({
    drydock: z.literal('page'),
    path: z.string().check(z.maxLength(8192), z.regex(/^\//)),
    title: z.string(),
  }),
  z.object({ drydock: z.literal('leave'), url: z.string().check(z.maxLength(8192)) }),
]);

export type PreviewState =
  { phase: 'connecting' } | { phase: 'shown' } | { phase: 'failed'; error: DrydockError };

export interface LogEntry extends LoggedRequest {
  /** Counts the requests of the preview. */
  number: number;
}

export class Preview {
  readonly node: MachineNode;
  readonly port: number;
  readonly #name: string;
  readonly #scope: OpenPort['scope'];
  readonly #taken: TakenOrigin;
  readonly #connector: HTMLIFrameElement;
  readonly #onLeave: (url: string) => void;
  readonly #ends: (() => void)[] = [];
  readonly #deadline: ReturnType<typeof setTimeout>;
  #frame: HTMLIFrameElement | undefined;
  #isFresh = true;
  #state = $state.raw<PreviewState>({ phase: 'connecting' });
  #visited = $state.raw<readonly string[]>(['/']);
  #at = $state.raw(0);
  /** Whether the next page that tells of itself is the one at `#at`, or where that has led to; else it is another. */
  #isExpected = true;
  #title = $state.raw('');
  #log = $state.raw<readonly LogEntry[]>([]);
  #requests = 0;
  /** When it was last looked at, to tell which to close. */
  used = Date.now();

  /** @param onLeave told of a link that leads away from the port */
  constructor(
    node: MachineNode,
    { name, port, path }: PreviewAddress,
    scope: OpenPort['scope'],
    taken: TakenOrigin,
    onLeave: (url: string) => void,
  ) {
    this.node = node;
    this.#name = name;
    this.port = port;
    this.#scope = scope;
    this.#visited = [path];
    this.#taken = taken;
    this.#onLeave = onLeave;
    this.#connector = document.createElement('iframe');
    this.#connector.hidden = true;
    this.#connector.setAttribute('sandbox', 'allow-scripts allow-same-origin');
    this.#connector.src = `${taken.origin}${CONNECTOR}`;
    const receive = (event: MessageEvent<unknown>): void => {
      this.#receive(event);
    };
    window.addEventListener('message', receive);
    this.#ends.push(
      () => {
        window.removeEventListener('message', receive);
      },
      node.previewRequests.add((of, request) => {
        if (of === port)
          this.#log = [...this.#log, { ...request, number: ++this.#requests }].slice(-LOG_LENGTH);
      }),
      // A machine that was loaded anew knows nothing of the way that there was.
      node.engineNews.add(({ type }) => {
        if (type === 'told' && this.#state.phase === 'shown') void this.#connect();
      }),
    );
    this.#deadline = setTimeout(() => {
      this.#fail('The origin for previews did not answer.');
    }, CONNECT_MILLISECONDS);
    document.body.append(this.#connector);
  }

  get state(): PreviewState {
    return this.#state;
  }

  /** Where it is. */
  get address(): PreviewAddress {
    return {
      name: this.#name,
      node: this.node.name,
      port: this.port,
      path: this.#visited[this.#at] ?? '/',
    };
  }

  /** What the page calls itself. */
  get title(): string {
    return this.#title;
  }

  /** The last requests, the newest last. */
  get log(): readonly LogEntry[] {
    return this.#log;
  }

  get canGoBack(): boolean {
    return this.#at > 0;
  }

  get canGoForward(): boolean {
    return this.#at < this.#visited.length - 1;
  }

  /** Where the page is on its origin: for a tab of its own. */
  get url(): string {
    return `${this.#taken.origin}${this.address.path}`;
  }

  /** Shows it in `frame`; returns what ends that. */
  show(frame: HTMLIFrameElement): () => void {
    this.#frame = frame;
    if (this.#state.phase === 'shown') this.reload();
    return () => {
      if (this.#frame === frame) this.#frame = undefined;
    };
  }

  /** Goes to a path of the same port. */
  go(path: string): void {
    this.#visit(path);
    this.reload();
  }

  reload(): void {
    this.#isExpected = true;
    if (this.#frame) this.#frame.src = this.url;
  }

  back(): void {
    this.#step(-1);
  }

  forward(): void {
    this.#step(1);
  }

  close(): void {
    clearTimeout(this.#deadline);
    for (const end of this.#ends) end();
    this.#connector.remove();
    this.#taken.release();
    void this.node.closePreview(this.port).catch(() => undefined);
  }

  #step(by: 1 | -1): void {
    const at = this.#at + by;
    if (this.#visited[at] === undefined) return;
    this.#at = at;
    this.reload();
  }

  /** Notes that another page is shown. */
  #visit(path: string): void {
    if (this.#isExpected) this.#visited = this.#visited.map((each, i) => (i === this.#at ? path : each));
    else if (path !== this.#visited[this.#at]) {
      this.#visited = [...this.#visited.slice(0, this.#at + 1), path];
      this.#at = this.#visited.length - 1;
    }
    this.#isExpected = false;
  }

  #receive({ source, origin, data }: MessageEvent<unknown>): void {
    const isConnector = source === this.#connector.contentWindow;
    const isPage = this.#frame !== undefined && source === this.#frame.contentWindow;
    if (source === null || origin !== this.#taken.origin || (!isConnector && !isPage)) return;
    const parsed = messageSchema.safeParse(data);
    if (!parsed.success) return;
    const message = parsed.data;
    if (isConnector) {
      if (message.drydock === 'connect') void this.#connect();
      else if (message.drydock === 'connected') this.#connected();
      else if (message.drydock === 'failed') this.#fail(message.message);
    } else if (message.drydock === 'page') {
      this.#visit(message.path);
      this.#title = message.title;
    } else if (message.drydock === 'leave') this.#onLeave(message.url);
  }

  /** Sends the origin a way to the machine. */
  async #connect(): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    try {
      const port = { port: this.port, host: hostOf(this.address), scope: this.#scope };
      await this.node.openPreview(port, port1);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      return;
    }
    const message: ToOrigin = {
      drydock: 'port',
      fresh: this.#isFresh,
      hosts: hostsOf(this.address),
    };
    this.#isFresh = false;
    this.#connector.contentWindow?.postMessage(message, this.#taken.origin, [port2]);
  }

  #connected(): void {
    clearTimeout(this.#deadline);
    if (this.#state.phase !== 'connecting') return;
    this.#state = { phase: 'shown' };
    this.reload();
  }

  #fail(message: string): void {
    clearTimeout(this.#deadline);
    if (this.#state.phase === 'shown') return;
    this.#state = {
      phase: 'failed',
      error: new DrydockError(
        'network-failed',
        'Pages cannot be shown here.',
        {},
        { cause: new Error(message) },
      ),
    };
  }
}
