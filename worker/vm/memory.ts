/** The guest's memory as a saved state has it: which pages are not zero, and those pages one after the other. */

/** v86's `Bitmap` (src/lib.js). */
export interface PageBitmap {
  get(page: number): number;
}

const PAGE_BYTES = 4096;

/** Starting up, v86's BIOS-less processor has pushed something on its stack below 64 KiB. All else is still zero. */
const USED_BYTES = 64 * 1024;

/**
 * Fills `memory`, that of a machine which has never run. Zeros are not written: what is never touched occupies
 * none of the computer's memory.
 */
export function unpackMemory(memory: Uint8Array, bitmap: PageBitmap, pages: Uint8Array): void {
  memory.fill(0, 0, USED_BYTES);
  const count = memory.length / PAGE_BYTES;
  let packed = 0;
  for (let page = 0; page < count;) {
    let end = page;
    while (end < count && bitmap.get(end)) end++;
    const bytes = (end - page) * PAGE_BYTES;
    if (bytes > 0) memory.set(pages.subarray(packed, packed + bytes), page * PAGE_BYTES);
    packed += bytes;
    page = end + 1;
  }
}
