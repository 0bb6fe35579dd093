/** What is in a copy, and how large it is: for who makes it, and for who gets it. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tracksOf } from '../../lessons/format/curriculum.ts';
import type { Lesson } from '../../lessons/format/lesson.ts';
import type { Catalogue } from '../../worker/hub/catalogue.ts';
import { familiarName } from '../../worker/hub/names.ts';

export interface Contents {
  lessons: readonly Pick<Lesson, 'title' | 'track'>[];
  catalogue: Pick<Catalogue, 'repositories' | 'blobs'>;
  /** Of the app, with its lessons. */
  appBytes: number;
  /** Of the machine, with the images of its hub. */
  machineBytes: number;
}

/** Lines that list the lessons by track, the images, and sizes. */
export function describeContents({ lessons, catalogue, appBytes, machineBytes }: Contents): string {
  const imageBytes = Object.values(catalogue.blobs).reduce((sum, { bytes }) => sum + bytes, 0);
  const images = catalogue.repositories.map(({ name }) => familiarName(name)).toSorted();
  const tracks = tracksOf(lessons).map(
    (track) => `  ${track.name}: ${track.lessons.map(({ title }) => title).join(', ')}`,
  );
  return [
    `Lessons (${lessons.length}):`,
    ...tracks,
    `Images of the hub (${images.length}): ${images.join(', ') || 'none'}`,
    `Size: ${megabytes(appBytes + machineBytes)}; of that the machine ${megabytes(machineBytes - imageBytes)}, the images ${megabytes(imageBytes)}, the app ${megabytes(appBytes)}`,
  ].join('\n');
}

/** Bytes of all files in a folder. */
export function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
