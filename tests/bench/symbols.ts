/** Names for addresses: sorted symbols, from the kernel's own list or from the table that every Go program carries. */
export class Symbols {
  readonly #sorted: [address: number, name: string][];

  constructor(symbols: [address: number, name: string][]) {
    this.#sorted = symbols.sort(([a], [b]) => a - b);
  }

  /** The symbol that `address` lies in, or undefined before the first. */
  name(address: number): string | undefined {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle]?.[0] ?? Infinity) <= address) low = middle + 1;
      else high = middle;
    }
    return this.#sorted[low - 1]?.[1];
  }
}

/** Lines of /proc/kallsyms: address, type, name. */
export function kernelSymbols(kallsyms: string): Symbols {
  const lines = kallsyms.trim().split('\n');
  return new Symbols(
    lines.map((line) => {
      const [address = '', , name = ''] = line.split(/\s+/);
      return [parseInt(address, 16), name];
    }),
  );
}

/** `pclntab` of Go 1.20 and later (debug/gosym/pclntab.go): magic, two zeros, instruction and pointer size of 386. */
const GO_TABLE = Buffer.from([0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 4]);

/** Functions of a Go program for 386, by address in the file's own numbering. @throws Error when it has no table */
export function goSymbols(program: Buffer): Symbols {
  const table = program.indexOf(GO_TABLE);
  if (table < 0) throw new Error('no Go function table in the program');
  const word = (offset: number): number => program.readUInt32LE(table + offset);
  const [count, textStart, names, functions] = [
    word(8),
    word(16) || textAddress(program),
    word(20),
    word(36),
  ];
  return new Symbols(
    Array.from({ length: count }, (_, i) => {
      const entry = functions + i * 8;
      const name = table + names + word(functions + word(entry + 4) + 4);
      return [textStart + word(entry), program.toString('latin1', name, program.indexOf(0, name))];
    }),
  );
}

/** Address of the section `.text` of a 32-bit ELF file. */
function textAddress(elf: Buffer): number {
  const [sections, size, count, nameSection] = [
    elf.readUInt32LE(32),
    elf.readUInt16LE(46),
    elf.readUInt16LE(48),
    elf.readUInt16LE(50),
  ];
  const names = elf.readUInt32LE(sections + nameSection * size + 16);
  for (let i = 0; i < count; i++) {
    const header = sections + i * size;
    const name = names + elf.readUInt32LE(header);
    if (elf.toString('latin1', name, name + 6) === '.text\0') return elf.readUInt32LE(header + 12);
  }
  return 0;
}
