/** A machine in a thread of its own, so that several share the host's cores; `Cluster` has the other end. */
import { parentPort } from 'node:worker_threads';
import { expose, proxy, type ProxyMarked } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { RemoteRecords } from '../hub/remote-records.ts';
import type { NodeName } from '../net/lan.ts';
import { FrameLink } from '../net/frame-link.ts';
import type { MachineEvent, ProfileName } from '../protocol.ts';
import { installErrorTransfer } from '../transfer.ts';
import { Machine, type Checkpoint } from '../vm/machine.ts';
import { FolderSource } from './folder-source.ts';

export interface ThreadOptions {
  /** Of the release. */
  folder: string;
  profile: ProfileName;
  node: NodeName;
  /** Whether `remember` will be asked for. */
  checkpoints: boolean;
}

let machine: Machine | undefined;
let remembered: Checkpoint | undefined;

const thread = {
  /** Creates the machine, not loaded yet; its cable is `frames`, and behind `hub` is what all hubs have. */
  open({ folder, ...options }: ThreadOptions, frames: MessagePort, hub: MessagePort): Machine & ProxyMarked {
    const [source, lan] = [new FolderSource(folder), new FrameLink(frames)];
    machine = new Machine({ source, lan, hubRecords: new RemoteRecords(hub), ...options });
    return proxy(machine);
  },

  /** Calls `listener` with every event from now on. */
  listen(listener: ((event: MachineEvent) => void) & ProxyMarked): void {
    machine?.subscribe((event) => {
      listener(event);
    });
  },

  /** Makes a checkpoint, in the place of the one before. It stays here: it is as large as the machine's memory. */
  async remember(): Promise<void> {
    remembered = await machine?.checkpoint();
  },

  /** Puts the machine back to the checkpoint. */
  async goBack(): Promise<void> {
    if (remembered) await machine?.returnTo(remembered);
  },
};

export type MachineThread = typeof thread;

if (!parentPort) throw new Error('This is the program of a worker thread.');
installErrorTransfer();
expose(thread, nodeEndpoint(parentPort));
