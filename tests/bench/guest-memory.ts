/** The guest's memory as its kernel sees it: 32-bit x86 without PAE, kernel from 3 GiB on (PAGE_OFFSET). */
import type { Emulator } from '../../worker/vm/emulator.ts';

const PAGE_OFFSET = 0xc0000000;

/** Bits of a page directory entry (Intel SDM 3A, 4.3): a 4 MiB page. */
const LARGE_PAGE = 1 << 7;

export class GuestMemory {
  constructor(private readonly emulator: Emulator) {}

  /** Reads a word at a kernel address of the direct mapping. */
  word(address: number): number {
    return this.#physical(address - PAGE_OFFSET);
  }

  /** Reads a word at any address that is mapped, by the page tables. */
  mappedWord(address: number): number {
    const { pageDirectory } = this.emulator.processorState();
    const directory = this.#physical(pageDirectory + (address >>> 22) * 4);
    if (directory & LARGE_PAGE)
      return this.#physical(((directory & 0xffc00000) | (address & 0x3fffff)) >>> 0);
    const table = this.#physical(((directory & ~0xfff) >>> 0) + ((address >>> 12) & 0x3ff) * 4);
    return this.#physical(((table & ~0xfff) | (address & 0xfff)) >>> 0);
  }

  /** A C string of at most 16 bytes in the direct mapping. */
  text(address: number): string {
    const bytes = this.emulator.memory.slice(address - PAGE_OFFSET, address - PAGE_OFFSET + 16);
    return String.fromCharCode(...bytes).replace(/\0.*/s, '');
  }

  #physical(address: number): number {
    const { memory } = this.emulator;
    let word = 0;
    for (let i = 3; i >= 0; i--) word = (word << 8) | (memory[address + i] ?? 0);
    return word >>> 0;
  }
}
