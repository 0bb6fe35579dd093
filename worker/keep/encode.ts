/** Writes what a session keeps: compressed with zstd, here where nobody waits for it. */
import { Zstd } from '@hpcc-js/wasm-zstd';
import type { Blocks } from '../vm/blocks.ts';

/** Of zstd. Level 1 is hardly faster in WebAssembly (25 to 30 MB/s in Node) and a tenth larger. */
const LEVEL = 3;

/** Blocks as what is compressed in a file; see `blocks.ts`. */
export function packBlocks({ numbers, bytes }: Blocks): Uint8Array<ArrayBuffer> {
  const header = 4 * (1 + numbers.length);
  const plain = new Uint8Array(header + bytes.length);
  plain.set(new Uint8Array(Uint32Array.of(numbers.length, ...numbers).buffer));
  plain.set(bytes, header);
  return plain;
}

/** Compresses with zstd. */
export async function compress(plain: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const zstd = await Zstd.load();
  return zstd.compress(plain, LEVEL) as Uint8Array<ArrayBuffer>;
}
