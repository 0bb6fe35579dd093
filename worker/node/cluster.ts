/** Several machines on one LAN, in Node: the command line, the tests, and the proofs of lessons. */
import { Worker } from 'node:worker_threads';
import { transfer, wrap, type Remote } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { DrydockError } from '../error.ts';
import { FrameLink } from '../net/frame-link.ts';
import { NODE_NAMES, type NodeName } from '../net/lan.ts';
import { Switch } from '../net/switch.ts';
import type { ProfileName, RemoteMachine } from '../protocol.ts';
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
  machine: RemoteMachine;
  link: FrameLink;
}

export class Cluster {
  readonly lan = new Switch();
  readonly #folder: string;
  readonly #members = new Map<NodeName, Member>();

  /** @param folder of the release */
  constructor(folder: string) {
    this.#folder = folder;
  }

  get names(): NodeName[] {
    return [...this.#members.keys()];
  }

  /** Adds the first nodes, `count` in all, and resolves when all of them run. */
  async start(count: number, profile: ProfileName = 'standard'): Promise<void> {
    await Promise.all(NODE_NAMES.slice(0, count).map((name) => this.add(name, profile)));
  }

  /** Adds a node, and resolves when it runs. @throws DrydockError what loading throws */
  async add(name: NodeName, profile: ProfileName = 'standard'): Promise<RemoteMachine> {
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
    const thread = wrap<MachineThread>(nodeEndpoint(worker));
    const machine = (await thread.open(
      this.#folder,
      profile,
      name,
      transfer(port2, [port2]),
    )) as Remote<unknown> as RemoteMachine;
    this.#members.set(name, { worker, machine, link });
    await machine.load();
    return machine;
  }

  /** @throws DrydockError `wrong-state` when there is no such node */
  node(name: NodeName): RemoteMachine {
    const member = this.#members.get(name);
    if (!member)
      throw new DrydockError('wrong-state', `There is no ${name}; there are ${this.names.join(', ')}.`);
    return member.machine;
  }

  /** Ends a node at once, as if it were carried out of the room. */
  async remove(name: NodeName): Promise<void> {
    const member = this.#members.get(name);
    this.#members.delete(name);
    member?.link.close();
    await member?.worker.terminate();
  }

  async destroy(): Promise<void> {
    await Promise.all(this.names.map((name) => this.remove(name)));
  }
}
