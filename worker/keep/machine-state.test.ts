import { expect, it } from 'vitest';
import { decodeState, encodeState } from './machine-state.ts';

const devices = Uint8Array.of(1, 2, 3);

it('gives a state back, with code and without', () => {
  const code = {
    coreBytes: 7,
    valid: [1, 3],
    later: [[5, Uint8Array.of(9)] as const, [6, Uint8Array.of(8, 8)] as const],
  };
  expect(decodeState(encodeState({ devices, code }))).toEqual({ devices, code });
  expect(decodeState(encodeState({ devices }))).toEqual({ devices, code: undefined });
});

/** A state with the header `head`. */
function forged(head: string, rest: number[] = [], length = head.length): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...new Uint8Array(Uint32Array.of(length).buffer),
    ...new TextEncoder().encode(head),
    ...rest,
  ]);
}

it.each([
  ['nothing', new Uint8Array(0)],
  ['a header beyond its end', forged('{}', [], 0xffffffff)],
  ['a header that is not JSON', forged('{')],
  ['a header of something else', forged('{"valid":[]}')],
  ['a header with more in it', forged('{"devices":0,"run":"me"}')],
  ['less than it says', forged('{"devices":5}', [1])],
  ['a negative size', forged('{"devices":-1}')],
  ['an enormous size', forged('{"devices":1e300}')],
  ['modules beyond its end', forged('{"devices":1,"code":{"coreBytes":1,"valid":[],"later":[[1,9]]}}', [1])],
  ['half a code', forged('{"devices":1,"code":{"coreBytes":1}}', [1])],
])('refuses a state with %s', (_, bytes) => {
  expect(() => decodeState(bytes)).toThrow(expect.objectContaining({ code: 'damaged-file' }));
});
