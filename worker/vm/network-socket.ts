/** Where a machine's network cable is plugged in: how it is, and who listens there, stays so when the hardware is exchanged. */
import { SOUND_CABLE, type Cable, type CableQuality } from '../net/cable.ts';
import { PacketCapture, type PacketCaptureProgress } from '../net/packet-capture.ts';

export class NetworkSocket {
  #cable: Cable | undefined;
  #quality = SOUND_CABLE;
  #capture: PacketCapture | undefined;

  /** Plugs in the cable of other hardware. */
  plug(cable: Cable): void {
    this.#cable = cable;
    cable.quality = this.#quality;
    cable.capture = this.#capture;
  }

  /** Changes the cable, and those that come later. */
  set quality(quality: CableQuality) {
    this.#quality = quality;
    if (this.#cable) this.#cable.quality = quality;
  }

  /** How far the capture is; undefined when none was begun. */
  get progress(): PacketCaptureProgress | undefined {
    return this.#capture?.progress;
  }

  /** Begins to capture what passes; what was captured before is forgotten. */
  startCapture(): void {
    this.#listen(new PacketCapture());
  }

  /** @returns the capture as a pcap file; undefined when none was begun */
  endCapture(): Uint8Array<ArrayBuffer> | undefined {
    const file = this.#capture?.file();
    this.#listen(undefined);
    return file;
  }

  #listen(capture: PacketCapture | undefined): void {
    this.#capture = capture;
    if (this.#cable) this.#cable.capture = capture;
  }
}
