/**
 * The machines of this tab, one to five on a LAN. They outlive the pages that show them: going to the start page and
 * back finds them as they were. What concerns one machine is in `node.svelte.ts`; what concerns all of them, and which
 * there are, is here.
 */
import { NODE_NAMES, type NodeName } from '../../worker/net/lan.ts';
import type { PortCounters } from '../../worker/net/switch.ts';
import type { ExecOptions, ExecResult, ProfileName } from '../../worker/protocol.ts';
import { Listeners } from '../app/listeners.ts';
import { missingCapabilities } from './capability.ts';
import { LanClient } from './lan-client.ts';
import type { LoadCause, Phase } from './node-state.ts';
import { MachineNode } from './node.svelte.ts';

const STATISTICS_MILLISECONDS = 2000;

const FIRST: NodeName = 'node1';

/** A machine to load, and where it comes from. */
export interface NodeOrigin {
  name: NodeName;
  profile: ProfileName;
  /** What the machine is kept through; undefined where nothing can be kept. */
  port: MessagePort | undefined;
}

/** Where the machines come from. */
export interface Origin {
  cause: 'start' | 'continue' | 'boot';
  nodes: NodeOrigin[];
  /** Of machines that come back: the number that they had. */
  machineId: number | undefined;
}

/** Which machines there were at a moment, and the number that they had, if they had one. */
export interface Moment {
  nodes: Omit<NodeOrigin, 'port'>[];
  machineId: number | undefined;
}

/**
 * Makes ready what the machines are to be brought to. `runs` tells whether the present ones can still be saved.
 * @returns what is to be there then
 */
type Prepare = (runs: boolean) => Promise<Moment>;

/** Keeps the machines of this tab. */
export interface SessionKeeper {
  /** Finds what the machines are to begin with; undefined when the user is to be asked first. @param profile of a fresh one */
  begin: (profile: ProfileName) => Promise<Origin | undefined>;
  /** Has the next machines be fresh ones; what there is can be had back. @param runs whether the present ones can be saved */
  beginAfresh: (runs: boolean) => Promise<void>;
  /** Machines with this number begin. */
  noteMachine: (machineId: number) => void;
  /** Has a fresh machine take the place of `name`, which there may have been or not; resolves with what it is kept through. */
  addNode: (name: NodeName, profile: ProfileName) => Promise<MessagePort | undefined>;
  /** The same for a machine that is connected already. @param runs whether the machines can be saved */
  resetNode: (name: NodeName, runs: boolean) => Promise<void>;
  /** There is no `name` any more; a checkpoint has it. @param runs whether the machines can be saved */
  removeNode: (name: NodeName, runs: boolean) => Promise<void>;
  /** Connects a machine to what the session has of it. */
  connect: (name: NodeName) => Promise<MessagePort | undefined>;
}

export class Session {
  #nodes = $state.raw<readonly MachineNode[]>([]);
  #current = $state.raw<NodeName>(FIRST);
  #machineId = $state.raw(0);
  #lan: LanClient | undefined;
  /** Counts the starts: one that was cancelled while its origin was looked for is not gone on with. */
  #attempt = 0;
  readonly #onFresh = new Listeners<[node: NodeName]>();
  readonly #onNodes = new Listeners<[names: NodeName[]]>();
  /** Set once, when the app begins; without, nothing is kept. */
  keeper: SessionKeeper | undefined;

  constructor() {
    this.#nodes = [this.#create(FIRST)];
    setInterval(() => {
      if (document.visibilityState !== 'visible') return;
      for (const node of this.#nodes) void node.readStatistics();
    }, STATISTICS_MILLISECONDS);
    window.addEventListener('online', () => {
      for (const node of this.#nodes) void node.retryDisk().catch(() => undefined);
    });
  }

  /** In the order of their names. */
  get nodes(): readonly MachineNode[] {
    return this.#nodes;
  }

  /** The node whose terminal has, or last had, the keyboard. */
  get current(): MachineNode {
    return this.find(this.#current) ?? (this.#nodes[0] as MachineNode);
  }

  setCurrent(name: NodeName): void {
    this.#current = name;
  }

  find(name: NodeName): MachineNode | undefined {
    return this.#nodes.find((node) => node.name === name);
  }

  /** Where the first machine is in its life. Whether there are machines at all can be told by it. */
  get phase(): Phase {
    return (this.#nodes[0] as MachineNode).phase;
  }

  /** Whether every machine runs, stands still or is off: all of them can be saved. */
  get isSettled(): boolean {
    return this.#nodes.every(({ isSettled }) => isSettled);
  }

  /** The names that nodes could be added by. */
  get freeNames(): NodeName[] {
    return NODE_NAMES.filter((name) => !this.find(name));
  }

  /** Another number each time that all machines are fresh: what was made in earlier ones is not in these. */
  get machineId(): number {
    return this.#machineId;
  }

  /** When the user last did something in any terminal, in milliseconds since 1970. */
  get used(): number {
    return Math.max(...this.#nodes.map(({ used }) => used));
  }

  /** Calls `listener` with its name before a fresh machine's first output; returns what ends that. */
  onFresh(listener: (node: NodeName) => void): () => void {
    return this.#onFresh.add(listener);
  }

  /** Calls `listener` with the names of all nodes when there are others than before; returns what ends that. */
  onNodes(listener: (names: NodeName[]) => void): () => void {
    return this.#onNodes.add(listener);
  }

  /** Loads the machines that there are not; the first one, if there is none. Failures are found in their states. */
  start(profile?: ProfileName): void {
    const isDead = ({ phase }: MachineNode): boolean => ['idle', 'unsupported', 'failed'].includes(phase);
    const dead = this.#nodes.filter(isDead);
    if (dead.length === 0) return;
    const missing = missingCapabilities();
    if (missing.length > 0) for (const node of dead) node.discard({ phase: 'unsupported', missing });
    else if (dead.length < this.#nodes.length) for (const node of dead) void this.#loadAgain(node, profile);
    else void this.#startAll(profile ?? (this.#nodes[0] as MachineNode).profile);
  }

  async #startAll(profile: ProfileName): Promise<void> {
    const attempt = ++this.#attempt;
    this.#machineId = Date.now();
    for (const node of this.#nodes) {
      node.discard();
      node.begin('start');
    }
    // While it is looked for what it begins with, the workers of at least one machine start.
    this.#nodes[0]?.prepare();
    this.#lan ??= new LanClient();
    try {
      const fresh = { cause: 'start', nodes: [{ name: FIRST, profile, port: undefined }] } as const;
      const origin = this.keeper
        ? await this.keeper.begin(profile)
        : { ...fresh, nodes: [...fresh.nodes], machineId: undefined };
      if (attempt !== this.#attempt) return;
      if (!origin) {
        this.#discardAll();
        return;
      }
      const { cause, nodes, machineId } = origin;
      this.#arrange(nodes.map(({ name }) => name));
      if (machineId !== undefined) this.#machineId = machineId;
      else this.keeper?.noteMachine(this.#machineId);
      for (const { name, profile: memory, port } of nodes) await this.#load(name, cause, memory, port);
    } catch (thrown) {
      if (attempt === this.#attempt) for (const node of this.#nodes) node.fail(thrown);
    }
  }

  /** Loads one machine again beside others that run. */
  async #loadAgain(node: MachineNode, profile: ProfileName = node.profile): Promise<void> {
    node.discard();
    node.begin('continue');
    try {
      // A machine of another size is another machine.
      const port =
        profile === node.profile
          ? await this.keeper?.connect(node.name)
          : await this.keeper?.addNode(node.name, profile);
      await this.#load(node.name, 'continue', profile, port);
    } catch (thrown) {
      node.fail(thrown);
    }
  }

  /**
   * Adds a fresh node. What goes wrong is found in its state.
   * @param name a free one
   */
  async addNode(name: NodeName, profile: ProfileName): Promise<void> {
    if (this.find(name)) return;
    const node = this.#create(name);
    this.#setNodes([...this.#nodes, node]);
    node.begin('start');
    try {
      await this.#load(name, 'start', profile, await this.keeper?.addNode(name, profile));
    } catch (thrown) {
      node.fail(thrown);
    }
  }

  /** Ends a node and takes it off the LAN; the first one stays. */
  async removeNode(name: NodeName): Promise<void> {
    const node = this.find(name);
    if (!node || name === FIRST) return;
    await this.keeper?.removeNode(name, this.isSettled);
    node.discard();
    this.#setNodes(this.#nodes.filter((one) => one !== node));
    await this.#lan?.unplug(name);
  }

  /** Throws one machine's contents away and starts it afresh; the others go on. */
  async resetNode(name: NodeName): Promise<void> {
    const node = this.find(name);
    if (!node || node.phase === 'loading') return;
    if (this.#nodes.length === 1) {
      await this.reset();
      return;
    }
    const isFailed = node.phase === 'failed';
    const runs = this.isSettled;
    node.cover('reset');
    await this.keeper?.resetNode(name, runs);
    if (isFailed) await this.#loadAgain(node);
    else await node.again('reset');
  }

  /** Gives up loading. */
  cancel(): void {
    this.#attempt++;
    this.#discardAll();
  }

  /** Throws all machines' contents away and starts them afresh. */
  async reset(): Promise<void> {
    await this.#again('reset', async (runs) => {
      await this.keeper?.beginAfresh(runs);
      return { nodes: this.#nodes.map(({ name, profile }) => ({ name, profile })), machineId: undefined };
    });
  }

  /** Brings the machines to where their keeper has them after `prepare`. */
  async rewind(prepare: Prepare): Promise<void> {
    await this.#again('rewind', prepare);
  }

  /** What is typed while the present machines are still being saved would be lost: they are covered from the start. */
  async #again(cause: LoadCause, prepare: Prepare): Promise<void> {
    if (this.#nodes.some(({ phase }) => phase === 'loading')) return;
    const runs = this.isSettled;
    const live = this.#nodes.filter(({ phase }) => phase !== 'failed' && phase !== 'idle');
    for (const node of live) node.cover(cause);
    try {
      const { nodes, machineId } = await prepare(runs);
      const gone = this.#nodes.filter((node) => nodes.every(({ name }) => name !== node.name));
      for (const { name } of gone) await this.#lan?.unplug(name);
      this.#arrange(nodes.map(({ name }) => name));
      this.#machineId = machineId ?? Date.now();
      if (machineId === undefined) this.keeper?.noteMachine(this.#machineId);
      await Promise.all(
        nodes.map(async ({ name, profile }) => {
          const node = this.find(name);
          if (!node) return;
          if (live.includes(node) && node.profile === profile) await node.again(cause);
          else {
            node.discard();
            node.begin(cause);
            await this.#load(name, cause, profile, await this.keeper?.connect(name));
          }
        }),
      );
    } catch (thrown) {
      for (const node of this.#nodes) if (node.phase === 'loading') node.fail(thrown);
      throw thrown;
    }
  }

  /**
   * Has all machines hand themselves over to their keeper, at one moment. They stand still meanwhile; how long, in
   * milliseconds, is the result. Of those that are off it is the last that they have written.
   * @param look called at that moment, if there is one that is not off
   * @throws DrydockError `wrong-state`, `storage-full`, `timeout` when a disk does not come to rest
   */
  async capture(look: () => Promise<void>): Promise<number> {
    await Promise.all(this.#nodes.filter(({ power }) => power === 'off').map((node) => node.commit()));
    const nodes = this.#nodes.filter(({ power }) => power === 'on');
    let held = 0;
    let release: () => void = () => undefined;
    let giveUp: (reason: unknown) => void = () => undefined;
    const all = new Promise<void>((resolve, reject) => {
      release = resolve;
      giveUp = reject;
    });
    all.catch(() => undefined);
    const meet = (): Promise<void> => {
      if (++held === nodes.length) look().then(release, giveUp);
      return all;
    };
    const pauses = await Promise.all(
      nodes.map((node) =>
        node.capture(meet).catch((error: unknown) => {
          giveUp(error);
          throw error;
        }),
      ),
    );
    return Math.max(0, ...pauses);
  }

  /** Captures from now on are relative to the last one, which is kept. */
  async noteSaved(kind: 'latest' | 'checkpoint'): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.noteSaved(kind)));
  }

  /** Has the machines hand over all of themselves again: what was kept is gone. */
  async startOver(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.startOver()));
  }

  /** What has passed the switch's port of each node. Never rejects. */
  async readTraffic(): Promise<Partial<Record<NodeName, PortCounters>>> {
    return (await this.#lan?.counters().catch(() => undefined)) ?? {};
  }

  /** Runs a script beside the terminals; rejects unless the machine runs. */
  exec(script: string, options?: ExecOptions, name: NodeName = FIRST): Promise<ExecResult> {
    const node = this.find(name);
    return node ? node.exec(script, options) : Promise.reject(new Error(`There is no ${name}.`));
  }

  async #load(
    name: NodeName,
    cause: LoadCause,
    profile: ProfileName,
    keeping: MessagePort | undefined,
  ): Promise<void> {
    this.#lan ??= new LanClient();
    const lan = await this.#lan.plug(name);
    this.find(name)?.load(cause, profile, { keeping, lan });
  }

  #create(name: NodeName): MachineNode {
    return new MachineNode(name, () => {
      this.#onFresh.emit(name);
    });
  }

  /** Has the nodes be those with `names`; those that come are shown as loading, and those that go end. */
  #arrange(names: readonly NodeName[]): void {
    for (const node of this.#nodes) if (!names.includes(node.name)) node.discard();
    this.#setNodes(
      names.map((name) => {
        const existing = this.find(name);
        if (existing) return existing;
        const node = this.#create(name);
        node.begin('continue');
        return node;
      }),
    );
  }

  #setNodes(nodes: readonly MachineNode[]): void {
    this.#nodes = [...nodes].sort((a, b) => NODE_NAMES.indexOf(a.name) - NODE_NAMES.indexOf(b.name));
    this.#onNodes.emit(this.#nodes.map(({ name }) => name));
  }

  #discardAll(): void {
    for (const node of this.#nodes) node.discard();
    this.#arrange([FIRST]);
  }
}

export const session = new Session();
