/** The Engine of a machine, whichever hardware that has: who listens to its events goes on to when the hardware is exchanged. */
import { EngineLink } from '../engine/engine-link.ts';
import type { EngineAnswer, EngineRequest, MachineEvent } from '../protocol.ts';
import type { Hardware } from './hardware.ts';

export class MachineEngine {
  readonly #emit: (event: MachineEvent) => void;
  #link: EngineLink | undefined;
  #watched = false;

  constructor(emit: (event: MachineEvent) => void) {
    this.#emit = emit;
  }

  /** Speaks to the Engine of a machine that runs. */
  plug({ agent, gateway }: Hardware): void {
    this.unplug();
    this.#link = new EngineLink({
      agent,
      gateway,
      onEvent: (event) => {
        this.#emit({ type: 'engine-event', event });
      },
      onState: (events) => {
        this.#emit({ type: 'engine', events });
      },
    });
    if (this.#watched) this.#link.watch();
  }

  unplug(): void {
    this.#link?.close();
    this.#link = undefined;
  }

  /** Has the Engine's events told from now on. */
  watch(): void {
    if (this.#watched) return;
    this.#watched = true;
    this.#link?.watch();
  }

  /** See `EngineLink.ask`. Undefined when no machine runs. */
  ask(request: EngineRequest): Promise<EngineAnswer> | undefined {
    return this.#link?.ask(request);
  }
}
