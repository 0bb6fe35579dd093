/**
 * What a container or a service has printed, as the Engine tells it: lines with the time before each, in frames where the
 * container has no terminal (https://docs.docker.com/reference/api/engine/version/v1.45/#tag/Container/operation/ContainerAttach).
 */

export interface LogLine {
  /** When it was printed, as the machine's clock says: RFC 3339 with nanoseconds. */
  at: string;
  stream: 'stdout' | 'stderr';
  text: string;
}

const HEADER = 8;

const STREAMS = ['stdout', 'stdout', 'stderr'] as const;

/** Control sequences (ECMA-48) and other control characters that a line is shown without. */
const CONTROLS = new RegExp(
  [
    '\\u001b\\[[0-?]*[ -/]*[@-~]',
    '\\u001b\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)',
    '\\u001b[@-Z\\\\-_]',
    '[\\u0000-\\u0008\\u000b-\\u001f\\u007f]',
  ].join('|'),
  'g',
);

/** Reads an answer to `GET …/logs?timestamps=1`. */
export function readLog(bytes: Uint8Array): LogLine[] {
  return isFramed(bytes) ? framesOf(bytes).flatMap(linesOf) : linesOf({ stream: 'stdout', bytes });
}

interface Frame {
  stream: LogLine['stream'];
  bytes: Uint8Array;
}

/** A frame begins with the number of its stream and three zeros; a line, with a digit of the year. */
const isFramed = (bytes: Uint8Array): boolean =>
  bytes.length >= HEADER && (bytes[0] ?? 9) <= 2 && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 0;

/** The frames; pieces of one stream that follow each other are one, since a long line may be cut. */
function framesOf(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + HEADER <= bytes.length;) {
    const length = view.getUint32(at + 4);
    const stream = STREAMS[bytes[at] ?? 1] ?? 'stdout';
    frames.push({ stream, bytes: bytes.subarray(at + HEADER, at + HEADER + length) });
    at += HEADER + length;
  }
  return frames;
}

function linesOf({ stream, bytes }: Frame): LogLine[] {
  return new TextDecoder()
    .decode(bytes)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, at = '', text = line] = /^(\d{4}-\S+) ?(.*)$/s.exec(line) ?? [];
      return { at, stream, text: text.replace(CONTROLS, '') };
    });
}

/** A line's time in the form in which the Engine takes it in `since`: seconds with nine digits behind the point. */
export function sinceOf(at: string): string {
  const [, fraction = ''] = /\.(\d+)/.exec(at) ?? [];
  const seconds = Math.floor(Date.parse(at) / 1000);
  // The line itself is known.
  const after = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9)) + 1n;
  const digits = after.toString().padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
