/** A machine alone, in this process: for lessons with one node. It has what `Cluster` has of several. */
import { SOUND_CABLE, type CableQuality } from '../../worker/net/cable.ts';
import type { NodeName } from '../../worker/net/lan.ts';
import { FolderSource } from '../../worker/node/folder-source.ts';
import type { MachineEvent, ProfileName } from '../../worker/protocol.ts';
import { Machine } from '../../worker/vm/machine.ts';

export class Solo {
  readonly names: NodeName[] = ['node1'];
  readonly #machine: Machine;
  #cable = SOUND_CABLE;

  /** @param folder of the release */
  constructor(folder: string, profile: ProfileName) {
    this.#machine = new Machine({ source: new FolderSource(folder), profile, checkpoints: true });
  }

  /** Resolves when the machine runs. */
  start(_count: number): Promise<void> {
    return this.#machine.load();
  }

  node(_node: NodeName): Machine {
    return this.#machine;
  }

  cable(_node: NodeName): CableQuality {
    return this.#cable;
  }

  setCable(_node: NodeName, cable: CableQuality): Promise<void> {
    this.#cable = cable;
    this.#machine.setCable(cable);
    return Promise.resolve();
  }

  subscribe(_node: NodeName, listener: (event: MachineEvent) => void): () => void {
    return this.#machine.subscribe(listener);
  }

  async reset(): Promise<void> {
    await this.setCable('node1', SOUND_CABLE);
    await this.#machine.reset();
  }

  async checkpoint(): Promise<() => Promise<void>> {
    const cable = this.#cable;
    const checkpoint = await this.#machine.checkpoint();
    return async () => {
      await this.setCable('node1', cable);
      await this.#machine.returnTo(checkpoint);
    };
  }

  destroy(): Promise<void> {
    return this.#machine.destroy();
  }
}
