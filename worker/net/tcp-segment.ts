/** TCP segments (RFC 9293 section 3.1), with the options that this stack uses: maximum segment size and window scale. */
import { checksum, pseudoHeaderSum } from './checksum.ts';
import type { DropReason } from './counters.ts';
import { Protocol, type Ipv4Packet } from './ipv4.ts';

export const TCP_HEADER = 20;

/** Bits of `flags`. */
export const Flag = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const;

const Option = { end: 0, nothing: 1, maximumSegmentSize: 2, windowScale: 3 } as const;

/** RFC 7323 section 2.3. */
const MAX_WINDOW_SCALE = 14;

/** A segment without its payload. */
export interface SegmentHeader {
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgment: number;
  flags: number;
  /** As it stands in the segment, not scaled. */
  window: number;
  /** Option of a SYN: the largest payload that the sender takes. */
  maximumSegmentSize?: number | undefined;
  /** Option of a SYN: binary places by which the sender's windows are to be shifted. */
  windowScale?: number | undefined;
}

/** A segment taken apart; `payload` is a view of it. */
export interface Segment extends SegmentHeader {
  payload: Uint8Array;
}

/** Takes apart the segment that `packet` carries, or says what is wrong with it. */
export function parseSegment({ payload: bytes, source, destination }: Ipv4Packet): Segment | DropReason {
  if (bytes.length < TCP_HEADER) return 'malformed';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = (view.getUint8(12) >>> 4) * 4;
  if (headerLength < TCP_HEADER || headerLength > bytes.length) return 'malformed';
  const pseudo = pseudoHeaderSum(source, destination, Protocol.tcp, bytes.length);
  if (checksum(bytes, pseudo) !== 0) return 'bad-checksum';
  const options =
    headerLength > TCP_HEADER ? parseOptions(bytes.subarray(TCP_HEADER, headerLength)) : undefined;
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    sequence: view.getUint32(4),
    acknowledgment: view.getUint32(8),
    flags: view.getUint8(13),
    window: view.getUint16(14),
    maximumSegmentSize: options?.maximumSegmentSize,
    windowScale: options?.windowScale,
    payload: bytes.subarray(headerLength),
  };
}

/** Reads the options that it knows; stops where they do not make sense. */
function parseOptions(bytes: Uint8Array): Pick<SegmentHeader, 'maximumSegmentSize' | 'windowScale'> {
  const options: Pick<SegmentHeader, 'maximumSegmentSize' | 'windowScale'> = {};
  for (let i = 0; i < bytes.length && bytes[i] !== Option.end;) {
    const kind = bytes[i] as number;
    if (kind === Option.nothing) {
      i++;
      continue;
    }
    const length = bytes[i + 1] ?? 0;
    if (length < 2 || i + length > bytes.length) break;
    const value = bytes.subarray(i + 2, i + length);
    if (kind === Option.maximumSegmentSize && value.length === 2) {
      options.maximumSegmentSize = ((value[0] as number) << 8) | (value[1] as number);
    } else if (kind === Option.windowScale && value.length === 1) {
      options.windowScale = Math.min(value[0] as number, MAX_WINDOW_SCALE);
    }
    i += length;
  }
  return options;
}

function encodeOptions({ maximumSegmentSize, windowScale }: SegmentHeader): number[] {
  const options: number[] = [];
  if (maximumSegmentSize !== undefined) {
    options.push(Option.maximumSegmentSize, 4, maximumSegmentSize >>> 8, maximumSegmentSize & 0xff);
  }
  if (windowScale !== undefined) options.push(Option.nothing, Option.windowScale, 3, windowScale);
  return options;
}

/**
 * A segment to be sent, in the two steps that let its payload be copied once, straight into the frame:
 * first its `length` is asked for, then `write` fills a part of the frame.
 */
export class OutgoingSegment {
  readonly length: number;
  readonly #header: SegmentHeader;
  readonly #options: number[];
  readonly #fillPayload: ((target: Uint8Array) => void) | undefined;

  constructor(header: SegmentHeader, payloadLength = 0, fillPayload?: (target: Uint8Array) => void) {
    this.#header = header;
    this.#options = encodeOptions(header);
    this.#fillPayload = fillPayload;
    this.length = TCP_HEADER + this.#options.length + payloadLength;
  }

  /** Writes the segment into `target`, which is as long as it, for its way between two addresses. */
  write(target: Uint8Array, source: number, destination: number): void {
    const header = this.#header;
    const headerLength = TCP_HEADER + this.#options.length;
    const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
    view.setUint16(0, header.sourcePort);
    view.setUint16(2, header.destinationPort);
    view.setUint32(4, header.sequence);
    view.setUint32(8, header.acknowledgment);
    view.setUint8(12, (headerLength / 4) << 4);
    view.setUint8(13, header.flags);
    view.setUint16(14, header.window);
    target.set(this.#options, TCP_HEADER);
    this.#fillPayload?.(target.subarray(headerLength));
    view.setUint16(16, checksum(target, pseudoHeaderSum(source, destination, Protocol.tcp, target.length)));
  }
}
