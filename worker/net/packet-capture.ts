/**
 * What passed a network card, as a file that Wireshark and tcpdump read: pcap 2.4 with microseconds
 * (draft-ietf-opsawg-pcap), link type 1 (Ethernet).
 */
import { concat } from './bytes.ts';

const MAGIC = 0xa1b2c3d4;
const SNAPSHOT_LENGTH = 65_535;
const LINK_TYPE_ETHERNET = 1;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** A capture that is forgotten must not eat the memory of the tab. */
const MAXIMUM_BYTES = 64 * 2 ** 20;

/** How far a capture is. `full`: it keeps what it has and takes no more. */
export interface PacketCaptureProgress {
  state: 'running' | 'full';
  frames: number;
  bytes: number;
}

export class PacketCapture {
  readonly #records: Uint8Array[] = [];
  readonly #maximum: number;
  readonly #now: () => number;
  #bytes = FILE_HEADER;
  #state: PacketCaptureProgress['state'] = 'running';

  /** @param now milliseconds since 1970, with fractions */
  constructor(maximum = MAXIMUM_BYTES, now = () => performance.timeOrigin + performance.now()) {
    this.#maximum = maximum;
    this.#now = now;
  }

  get progress(): PacketCaptureProgress {
    return { state: this.#state, frames: this.#records.length, bytes: this.#bytes };
  }

  /** Copies `frame`. */
  add(frame: Uint8Array): void {
    if (this.#bytes + RECORD_HEADER + frame.length > this.#maximum) this.#state = 'full';
    if (this.#state === 'full') return;
    const record = new Uint8Array(RECORD_HEADER + frame.length);
    const header = new DataView(record.buffer);
    const now = this.#now();
    header.setUint32(0, Math.floor(now / 1000), true);
    header.setUint32(4, Math.floor((now % 1000) * 1000), true);
    header.setUint32(8, frame.length, true);
    header.setUint32(12, frame.length, true);
    record.set(frame, RECORD_HEADER);
    this.#records.push(record);
    this.#bytes += record.length;
  }

  /** The file. */
  file(): Uint8Array<ArrayBuffer> {
    const header = new DataView(new ArrayBuffer(FILE_HEADER));
    header.setUint32(0, MAGIC, true);
    header.setUint16(4, 2, true);
    header.setUint16(6, 4, true);
    header.setUint32(16, SNAPSHOT_LENGTH, true);
    header.setUint32(20, LINK_TYPE_ETHERNET, true);
    return concat(new Uint8Array(header.buffer), ...this.#records);
  }
}
