/**
 * One port of a machine, as it is looked at: what it shows, where that is, and the origin it is shown on. What comes from
 * there is untrusted: it is read by a schema, and shown as text.
 */
import { DrydockError, messageOf } from '../../worker/error.ts';
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

/** Ways to the machine are opened no more often than this, in milliseconds: the origin's pages can ask for them too. */
const WAY_MILLISECONDS = 500;

/** Requests that the log shows. */
const LOG_LENGTH = 200;

/** Pages that one can go back to. */
const VISITED_LENGTH = 200;

/** Characters of a page's title. */
const TITLE_LENGTH = 200;

const messageSchema = z.discriminatedUnion('drydock', [
  z.object({ drydock: z.literal('connect') }),
  z.object({ drydock: z.literal('connected') }),
  z.object({ drydock: z.literal('occupied') }),
  z.object({ drydock: z.literal('failed'), message: z.string() }),
  z.object({
    drydock: z.literal('page'),
    path: z.string().check(z.maxLength(8192), z.regex(/^\//)),
    title: z.string(),
    how: z.enum(['new', 'replaced']),
  }),
  z.object({ drydock: z.literal('hidden') }),
  z.object({ drydock: z.literal('leave'), url: z.string().check(z.maxLength(8192)) }),
]);

type Message = z.infer<typeof messageSchema>;

export type PreviewState =
  { phase: 'connecting' } | { phase: 'shown' } | { phase: 'failed'; error: DrydockError };

export interface LogEntry extends LoggedRequest {
  /** Counts the requests of the preview. */
  number: number;
}

/** What a preview asks of the one who opens it. */
export interface PreviewHost {
  /** Who can reach the port now; undefined while that is not known. */
  scope: () => OpenPort['scope'] | undefined;
  /** A page leads away from the port. */
  onLeave: (url: string) => void;
  /** Another origin in the place of `origin`, which somebody else still uses; undefined when there is none. */
  another: (origin: string) => Promise<TakenOrigin | undefined>;
}

export class Preview {
  readonly node: MachineNode;
  readonly port: number;
  readonly #name: string;
  readonly #host: PreviewHost;
  readonly #ends: (() => void)[];
  #taken: TakenOrigin;
  #connector: HTMLIFrameElement;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #frame: HTMLIFrameElement | undefined;
  #isFresh = true;
  #way: ReturnType<typeof setTimeout> | undefined;
  #isWayWanted = false;
  #scope: OpenPort['scope'] = 'lan';
  #isClosed = false;
  #state = $state.raw<PreviewState>({ phase: 'connecting' });
  #loads = $state.raw(0);
  #visited = $state.raw<readonly string[]>(['/']);
  #at = $state.raw(0);
  /** Whether the next page that is new is the one at `#at`, or where that has led to; else it is another. */
  #isExpected = true;
  /** Whether the page that was shown has gone, for another that has not told of itself yet. */
  #isHidden = false;
  #title = $state.raw('');
  #log = $state.raw<readonly LogEntry[]>([]);
  #requests = 0;
  /** When it was last looked at, to tell which to close. */
  used = Date.now();

  constructor(
    node: MachineNode,
    { name, port, path }: PreviewAddress,
    taken: TakenOrigin,
    host: PreviewHost,
  ) {
    this.node = node;
    this.#name = name;
    this.port = port;
    this.#visited = [path];
    this.#taken = taken;
    this.#host = host;
    const receive = (event: MessageEvent<unknown>): void => {
      this.#receive(event);
    };
    window.addEventListener('message', receive);
    this.#ends = [
      () => {
        window.removeEventListener('message', receive);
      },
      node.previewRequests.add((of, request) => {
        if (of === port)
          this.#log = [...this.#log, { ...request, number: ++this.#requests }].slice(-LOG_LENGTH);
      }),
      // A machine in other workers knows nothing of the way that there was.
      node.loads.add(() => {
        if (this.#state.phase === 'shown') this.#openWay();
      }),
      node.engineNews.add(({ type }) => {
        if (type === 'lost' && node.phase === 'failed') this.#say({ drydock: 'end' });
      }),
    ];
    this.#connector = this.#begin();
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

  /** Another number for each frame that it is to be shown in: one that is loaded again is another. */
  get loads(): number {
    return this.#loads;
  }

  /** Shows it in `frame`; returns what ends that. */
  show(frame: HTMLIFrameElement): () => void {
    this.#frame = frame;
    this.#isExpected = true;
    frame.src = this.url;
    return () => {
      if (this.#frame === frame) this.#frame = undefined;
    };
  }

  /** Goes to a path of the same port. */
  go(path: string): void {
    if (path !== this.address.path) this.#push(path);
    this.reload();
  }

  /** Loads the page again; tries again to connect, if that has failed. */
  reload(): void {
    if (this.#state.phase === 'failed') {
      this.#state = { phase: 'connecting' };
      this.#connector.remove();
      this.#connector = this.#begin();
    } else this.#loads++;
  }

  /** The open ports may be others: whether it is reached from the LAN or only from inside is followed. */
  noteScope(): void {
    const scope = this.#host.scope();
    if (scope !== undefined && scope !== this.#scope && this.#state.phase === 'shown') this.#openWay();
  }

  back(): void {
    this.#step(-1);
  }

  forward(): void {
    this.#step(1);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#way);
    for (const end of this.#ends) end();
    this.#connector.remove();
    this.#taken.release();
    void this.node.closePreview(this.port).catch(() => undefined);
  }

  /** Opens the hidden page on the origin, which then asks for a way to the machine. */
  #begin(): HTMLIFrameElement {
    const connector = document.createElement('iframe');
    connector.hidden = true;
    connector.title = 'Connection of a preview';
    connector.setAttribute('sandbox', 'allow-scripts allow-same-origin');
    connector.src = `${this.#taken.origin}${CONNECTOR}`;
    document.body.append(connector);
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      this.#fail('The origin for previews did not answer.');
    }, CONNECT_MILLISECONDS);
    return connector;
  }

  #step(by: 1 | -1): void {
    const at = this.#at + by;
    if (this.#visited[at] === undefined) return;
    this.#at = at;
    this.reload();
  }

  #push(path: string): void {
    this.#visited = [...this.#visited.slice(0, this.#at + 1), path].slice(-VISITED_LENGTH);
    this.#at = this.#visited.length - 1;
  }

  /** Notes which page is shown. */
  #visit({ path, title, how }: Message & { drydock: 'page' }): void {
    if (how === 'replaced' || this.#isExpected)
      this.#visited = this.#visited.map((each, i) => (i === this.#at ? path : each));
    else if (path !== this.address.path) this.#push(path);
    this.#isExpected = false;
    this.#isHidden = false;
    this.#title = title.slice(0, TITLE_LENGTH);
  }

  #receive({ source, origin, data }: MessageEvent<unknown>): void {
    const isConnector = source === this.#connector.contentWindow;
    const isPage = this.#frame !== undefined && source === this.#frame.contentWindow;
    if (source === null || origin !== this.#taken.origin || (!isConnector && !isPage)) return;
    const parsed = messageSchema.safeParse(data);
    if (!parsed.success) return;
    const message = parsed.data;
    if (isPage) {
      if (message.drydock === 'page') this.#visit(message);
      else if (message.drydock === 'hidden') this.#isHidden = true;
      else if (message.drydock === 'leave') this.#host.onLeave(message.url);
    } else if (message.drydock === 'page') {
      // The service worker cannot tell a page from a download, or from a frame within the page.
      if (this.#isExpected || this.#isHidden) this.#visit(message);
    } else if (message.drydock === 'connect') this.#openWay();
    else if (message.drydock === 'connected') this.#connected();
    else if (message.drydock === 'occupied') void this.#move();
    else if (message.drydock === 'failed') this.#fail(message.message);
  }

  /** Sends the origin a way to the machine: at once, or a moment after the last one. */
  #openWay(): void {
    this.#isWayWanted = true;
    if (this.#way !== undefined) return;
    this.#isWayWanted = false;
    this.#way = setTimeout(() => {
      this.#way = undefined;
      if (this.#isWayWanted) this.#openWay();
    }, WAY_MILLISECONDS);
    void this.#connect();
  }

  async #connect(): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    try {
      this.#scope = this.#host.scope() ?? this.#scope;
      const port = { port: this.port, host: hostOf(this.address), scope: this.#scope };
      await this.node.openPreview(port, port1);
    } catch (error) {
      this.#fail(messageOf(error));
      return;
    }
    this.#say({ drydock: 'port', fresh: this.#isFresh, hosts: hostsOf(this.address) }, [port2]);
  }

  #say(message: ToOrigin, transfer: Transferable[] = []): void {
    this.#connector.contentWindow?.postMessage(message, this.#taken.origin, transfer);
  }

  /** Goes to another origin: a tab still shows pages of an earlier preview on this one. */
  async #move(): Promise<void> {
    if (this.#state.phase !== 'connecting') return;
    clearTimeout(this.#deadline);
    const other = await this.#host.another(this.#taken.origin);
    if (this.#isClosed) {
      other?.release();
      return;
    }
    if (!other) {
      this.#fail('Other tabs still show pages that were opened from here. Close them.');
      return;
    }
    this.#taken.release();
    this.#taken = other;
    this.#connector.remove();
    this.#connector = this.#begin();
  }

  #connected(): void {
    clearTimeout(this.#deadline);
    this.#isFresh = false;
    if (this.#state.phase === 'connecting') this.#state = { phase: 'shown' };
  }

  #fail(message: string): void {
    clearTimeout(this.#deadline);
    if (this.#state.phase === 'shown') return;
    this.#state = {
      phase: 'failed',
      error: new DrydockError('network-failed', `Pages cannot be shown here. ${message}`),
    };
  }
}
