/** A machine in a thread of its own, so that several share the host's cores; `Cluster` has the other end. */
import { parentPort } from 'node:worker_threads';
import { expose, proxy, type ProxyMarked } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { NodeName } from '../net/lan.ts';
import { FrameLink } from '../net/frame-link.ts';
import type { ProfileName } from '../protocol.ts';
import { installErrorTransfer } from '../transfer.ts';
import { Machine } from '../vm/machine.ts';
import { FolderSource } from './folder-source.ts';

const thread = {
  /** Creates the machine, not loaded yet, of the release in `folder`; its cable is `frames`. */
  open(folder: string, profile: ProfileName, node: NodeName, frames: MessagePort): Machine & ProxyMarked {
    return proxy(
      new Machine({ source: new FolderSource(folder), profile, node, lan: new FrameLink(frames) }),
    );
  },
};

export type MachineThread = typeof thread;

if (!parentPort) throw new Error('This is the program of a worker thread.');
installErrorTransfer();
expose(thread, nodeEndpoint(parentPort));
