/**
 * The guest's memory in a saved state. v86 would keep it inside the state of the devices, in one piece that is
 * copied three times on its way back; here it is kept beside it, in parts that each name their pages, so that a
 * part goes from the decompressor straight to its place while the next ones are still downloading.
 *
 * A part is the number of its pages, their page numbers (both 32 bits, little endian) and the pages. Pages of
 * zeros are left out: a new machine has them.
 */

/** v86's `Bitmap` (src/lib.js): a bit for each page, set where the page is not zero. */
export interface PageBitmap {
  get(page: number): number;
}

export const PAGE_BYTES = 4096;

/** Pages of a part: 16 MiB, twice the window of the compression, so that cutting costs 1 %. */
const PART_PAGES = 4096;

/** Reads the next bytes of a part; what it returns is valid until the next call. */
export type ReadBytes = (bytes: number) => Uint8Array;

/** Cuts a memory into parts. `pages` are those that `bitmap` has, of `count` pages in all. */
export function packParts(bitmap: PageBitmap, pages: Uint8Array, count: number): Uint8Array[] {
  const numbers = Array.from({ length: count }, (_, page) => page).filter((page) => bitmap.get(page));
  const parts = [];
  for (let first = 0; first < numbers.length; first += PART_PAGES) {
    const own = numbers.slice(first, first + PART_PAGES);
    const header = new Uint8Array(Uint32Array.of(own.length, ...own).buffer);
    const part = new Uint8Array(header.length + own.length * PAGE_BYTES);
    part.set(header);
    part.set(pages.subarray(first * PAGE_BYTES, (first + own.length) * PAGE_BYTES), header.length);
    parts.push(part);
  }
  return parts;
}

/** How many pages are asked for at once: v86's decompressor hands out at most a megabyte. */
const READ_PAGES = 256;

/** Puts the pages of a part into `memory`, which is asked for each time: WebAssembly's may move when it grows. */
export function unpackPart(read: ReadBytes, memory: () => Uint8Array): void {
  const [count = 0] = words(read(4));
  const numbers: number[] = [];
  while (numbers.length < count)
    numbers.push(...words(read(4 * Math.min(count - numbers.length, PAGE_BYTES))));
  for (let start = 0; start < count;) {
    const first = numbers[start] ?? 0;
    let end = start + 1;
    while (end < count && end - start < READ_PAGES && numbers[end] === first + end - start) end++;
    const bytes = read((end - start) * PAGE_BYTES);
    memory().set(bytes, first * PAGE_BYTES);
    start = end;
  }
}

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.slice().buffer);
}
