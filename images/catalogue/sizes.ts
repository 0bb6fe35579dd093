/** What the images of the catalogue weigh: unpacked in the guest, and as a visitor downloads them. */
import { statSync } from 'node:fs';
import type { ImportedImage } from './import.ts';
import type { BuiltImage } from './write.ts';

interface Row {
  name: string;
  tags: string;
  /** Bytes of all layers, unpacked; of imported images unknown. */
  unpacked?: number;
  /** Bytes of all layers as they are downloaded. */
  download: number;
  /** Of these, what is not in the image's base. */
  own: number;
}

/** The sizes of images that were copied from registries. */
export function importSizes(imported: ImportedImage[]): Row[] {
  return imported.map(({ repository, tag, blobs }) => {
    const download = blobs.reduce((sum, { file }) => sum + statSync(file).size, 0);
    return { name: 'imported', tags: `${repository}:${tag}`, download, own: download };
  });
}

/** A table of `built` images with tags and the `imported` ones, and the sum of all layers, each once. */
export function sizeTable(built: BuiltImage[], imported: Row[]): string {
  const rows = [...built.filter(({ image }) => Object.keys(image.tags).length > 0).map(rowOf), ...imported];
  const layers = new Map(
    built
      .filter(({ image }) => Object.keys(image.tags).length > 0)
      .flatMap(({ layers }) => layers.map(({ layer }) => [layer.digest, layer.bytes])),
  );
  const total =
    [...layers.values()].reduce((sum, bytes) => sum + bytes, 0) +
    imported.reduce((sum, { own }) => sum + own, 0);
  const lines = rows.map(({ name, tags, unpacked, download, own }) =>
    [name.padEnd(20), megabytes(unpacked), megabytes(download), megabytes(own), ` ${tags}`].join(' '),
  );
  const head = ['image'.padEnd(20), ' unpacked', ' download', '      own', ' tags'].join(' ');
  return [
    head,
    ...lines,
    '',
    `${rows.length} images; all layers together are a download of ${megabytes(total).trim()}`,
  ].join('\n');
}

function rowOf({ image, layers }: BuiltImage): Row {
  const sum = (some: typeof layers, key: 'bytes' | 'unpackedBytes'): number =>
    some.reduce((bytes, { layer }) => bytes + layer[key], 0);
  const tags = Object.entries(image.tags).map(([repository, names]) => `${repository}:${names.join(',')}`);
  return {
    name: image.name,
    tags: tags.join(' '),
    unpacked: sum(layers, 'unpackedBytes'),
    download: sum(layers, 'bytes'),
    own: sum(
      layers.filter(({ name }) => name === image.name),
      'bytes',
    ),
  };
}

function megabytes(bytes: number | undefined): string {
  return (bytes === undefined ? '?' : `${(bytes / 1e6).toFixed(1)} MB`).padStart(9);
}
