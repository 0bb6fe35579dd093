/** Several machines on one LAN, in Node: the command line, the tests, and the proofs of lessons. */
import { Worker } from 'node:worker_threads';
import { proxy, transfer, wrap, type Remote } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { DrydockError } from '../error.ts';
import { SOUND_CABLE, type CableQuality } from '../net/cable.ts';
import { MemoryRecords } from '../hub/memory-store.ts';
import { serveRecords } from '../hub/remote-records.ts';
import { FrameLink } from '../net/frame-link.ts';
import { NODE_NAMES, type NodeName } from '../net/lan.ts';
import { Switch } from '../net/switch.ts';
import type { MachineEvent, ProfileName, RemoteMachine } from '../protocol.ts';
import { installErrorTransfer } from '../transfer.ts';
import type { MachineThread } from './machine-thread.ts';

installErrorTransfer();

/** A thread knows nothing of TypeScript by itself, and in Node 20 `--import` does not reach what it begins with. */
const THREAD = `import('tsx/esm/api').then(({ register }) => {
  register();
  return import(require('node:worker_threads').workerData);
});`;

interface Member {
  worker: Worker;
  thread: Remote<MachineThread>;
  machine: RemoteMachine;
  link: FrameLink;
  /** Ends what its hub does with our records. */
  endHub: () => void;
  cable: CableQuality;
  listeners: Set<(event: MachineEvent) => void>;
}

export interface ClusterOptions {
  /** Of each node. Default standard. */
  profile?: ProfileName;
  /** Whether `checkpoint` will be asked for. */
  checkpoints?: boolean;
}

export class Cluster {
  readonly lan = new Switch();
  readonly #folder: string;
  readonly #profile: ProfileName;
  readonly #checkpoints: boolean;
  /** What is pushed to the hub of any node. */
  readonly #hubRecords = new MemoryRecords();
  readonly #members = new Map<NodeName, Member>();

  /** @param folder of the release */
  constructor(folder: string, { profile = 'standard', checkpoints = false }: ClusterOptions = {}) {
    this.#folder = folder;
    this.#profile = profile;
    this.#checkpoints = checkpoints;
  }

  get names(): NodeName[] {
    return [...this.#members.keys()];
  }

  /** Adds the first nodes, `count` in all, and resolves when all of them run. */
  async start(count: number): Promise<void> {
    await Promise.all(NODE_NAMES.slice(0, count).map((name) => this.add(name)));
  }

  /** Adds a node, and resolves when it runs. @throws DrydockError what loading throws */
  async add(name: NodeName): Promise<RemoteMachine> {
    const worker = new Worker(THREAD, {
      eval: true,
      workerData: new URL('./machine-thread.ts', import.meta.url).href,
    });
    const { port1, port2 } = new MessageChannel();
    const link = new FrameLink(port1);
    const port = this.lan.plug((frame) => link.send(frame));
    link.plug((frame) => {
      port.receive(frame);
      return true;
    });
    const hub = new MessageChannel();
    const endHub = serveRecords(this.#hubRecords, hub.port1);
    const thread = wrap<MachineThread>(nodeEndpoint(worker));
    const machine = (await thread.open(
      { folder: this.#folder, profile: this.#profile, node: name, checkpoints: this.#checkpoints },
      transfer(port2, [port2]),
      transfer(hub.port2, [hub.port2]),
    )) as Remote<unknown> as RemoteMachine;
    const listeners: Member['listeners'] = new Set();
    const tell = (event: MachineEvent): void => {
      for (const listener of listeners) listener(event);
    };
    await thread.listen(proxy(tell));
    this.#members.set(name, { worker, thread, machine, link, endHub, cable: SOUND_CABLE, listeners });
    await machine.load();
    return machine;
  }

  /** @throws DrydockError `wrong-state` when there is no such node */
  node(name: NodeName): RemoteMachine {
    return this.#member(name).machine;
  }

  /** How the network cable of a node is. */
  cable(name: NodeName): CableQuality {
    return this.#member(name).cable;
  }

  async setCable(name: NodeName, cable: CableQuality): Promise<void> {
    const member = this.#member(name);
    member.cable = cable;
    await member.machine.setCable(cable);
  }

  /** Throws away all nodes as they are, faults included, and brings them to the snapshot again. */
  async reset(): Promise<void> {
    await Promise.all(
      this.names.map(async (name) => {
        await this.setCable(name, SOUND_CABLE);
        await this.node(name).reset();
      }),
    );
  }

  /**
   * Remembers all nodes as they are at one moment, their cables included, in the place of what was remembered before.
   * @returns what puts them back to that
   */
  async checkpoint(): Promise<() => Promise<void>> {
    const members = [...this.#members.values()];
    const cables = members.map(({ cable }) => cable);
    const states = await Promise.all(members.map(({ machine }) => machine.state));
    const live = members.filter((_, i) => states[i] !== 'off').map(({ machine }) => machine);
    try {
      await Promise.all(live.map((machine) => machine.hold()));
      await Promise.all(members.map(({ thread }) => thread.remember()));
    } finally {
      await Promise.all(live.map((machine) => machine.letGo()));
    }
    return async () => {
      await Promise.all(
        this.names.map(async (name, i) => {
          await this.setCable(name, cables[i] ?? SOUND_CABLE);
          await this.#member(name).thread.goBack();
        }),
      );
    };
  }

  /** Calls `listener` with every event of a node from now on; returns what stops that. */
  subscribe(name: NodeName, listener: (event: MachineEvent) => void): () => void {
    const { listeners } = this.#member(name);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Ends a node at once, as if it were carried out of the room. */
  async remove(name: NodeName): Promise<void> {
    const member = this.#members.get(name);
    this.#members.delete(name);
    member?.link.close();
    member?.endHub();
    await member?.worker.terminate();
  }

  async destroy(): Promise<void> {
    await Promise.all(this.names.map((name) => this.remove(name)));
  }

  #member(name: NodeName): Member {
    const member = this.#members.get(name);
    if (member) return member;
    throw new DrydockError('wrong-state', `There is no ${name}; there are ${this.names.join(', ')}.`);
  }
}
