/** What a machine needs beside its memory, as one file: a header in JSON, then the devices and the modules. */
import { DrydockError } from '../error.ts';
import { z } from '../schema.ts';
import type { MachineState } from '../vm/keeping.ts';

const count = z.int().check(z.nonnegative(), z.maximum(1 << 28));

const header = z.strictObject({
  devices: count,
  code: z.optional(
    z.strictObject({
      coreBytes: count,
      valid: z.array(count),
      /** Number and size of each module. */
      later: z.array(z.tuple([count, count])),
    }),
  ),
});

type Header = z.infer<typeof header>;

export function encodeState({ devices, code }: MachineState): Uint8Array<ArrayBuffer> {
  const modules = code?.later.map(([, module]) => module) ?? [];
  const sizes: Header = {
    devices: devices.length,
    code: code && {
      coreBytes: code.coreBytes,
      valid: [...code.valid],
      later: code.later.map(([index, module]) => [index, module.length]),
    },
  };
  const head = new TextEncoder().encode(JSON.stringify(sizes));
  const pieces = [new Uint8Array(Uint32Array.of(head.length).buffer), head, devices, ...modules];
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** @throws DrydockError `damaged-file` */
export function decodeState(bytes: Uint8Array<ArrayBuffer>): MachineState {
  try {
    const start = 4 + new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(4, start));
    const { devices, code } = header.parse(JSON.parse(text));
    let at = start;
    const take = (length: number): Uint8Array<ArrayBuffer> => {
      if (at + length > bytes.length) throw new RangeError('It ends too early.');
      return bytes.slice(at, (at += length));
    };
    return {
      devices: take(devices),
      code: code && { ...code, later: code.later.map(([index, length]) => [index, take(length)]) },
    };
  } catch (cause) {
    throw new DrydockError('damaged-file', 'The saved state of the machine is damaged.', {}, { cause });
  }
}
