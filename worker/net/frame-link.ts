/**
 * Frames over a MessagePort, between a machine's worker and the one with the switch. A port's queue has no end, and a
 * worker that is busy or dead would let it grow: so each end counts what the other has taken, which the other tells
 * every few frames, and drops what is too much, as a network card does.
 */

import type { Deliver, Lan, SwitchPort } from './switch.ts';

/** Frames that may be under way. */
const WINDOW = 1024;

/** After so many frames taken, the other end is told. */
const REPORT = 128;

/** A frame, or how many were taken since the last report. */
type Message = Uint8Array | number;

export class FrameLink implements Lan {
  readonly #port: MessagePort;
  #underWay = 0;
  #taken = 0;
  #deliver: Deliver | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<Message>) => {
      if (typeof data === 'number') {
        this.#underWay -= data;
        return;
      }
      if (++this.#taken === REPORT) {
        this.#taken = 0;
        port.postMessage(REPORT);
      }
      this.#deliver?.(data);
    };
  }

  /** Has what comes go to `deliver`; one that has no room for a frame loses it. */
  plug(deliver: Deliver): Pick<SwitchPort, 'receive' | 'unplug'> {
    this.#deliver = deliver;
    return {
      receive: (frame) => void this.send(frame),
      unplug: () => {
        if (this.#deliver === deliver) this.#deliver = undefined;
      },
    };
  }

  /** Sends a copy of `frame`; false when too many are under way. */
  send(frame: Uint8Array): boolean {
    if (this.#underWay >= WINDOW) return false;
    this.#underWay++;
    this.#port.postMessage(frame);
    return true;
  }

  close(): void {
    this.#port.onmessage = null;
    this.#port.close();
  }
}
