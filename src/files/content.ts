/** What is in a file, as far as an editor is concerned. */

/** Text of more than this is slow to edit, and slow to bring. */
export const MAX_EDITED_BYTES = 2 * 1024 * 1024;

/** An image of more than this is not shown. */
export const MAX_IMAGE_BYTES = 8 * 1024 * 1024;

/** A program's first bytes have a NUL among them, text has none. */
const LOOKED_AT_BYTES = 8192;

/** Why a file is not opened. */
export type Refusal = 'large' | 'binary' | 'encoding';

/** Text, an image to be shown, or neither. */
export type Content =
  { kind: 'text'; text: string } | { kind: 'image'; type: string } | { kind: 'refused'; why: Refusal };

/** By what a name ends with. Shown as an image, an SVG runs no script and fetches nothing. */
const IMAGES: Record<string, string | undefined> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
};

/** The type of the image that a file of this name is; undefined if it is none. */
export function imageType(name: string): string | undefined {
  return IMAGES[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''];
}

/** The most bytes of a file of this name that are opened. */
export function maxBytes(name: string): number {
  return imageType(name) ? MAX_IMAGE_BYTES : MAX_EDITED_BYTES;
}

/** Tells what a file is from its name and its bytes. */
export function contentOf(name: string, bytes: Uint8Array): Content {
  if (bytes.length > maxBytes(name)) return { kind: 'refused', why: 'large' };
  const type = imageType(name);
  if (type) return { kind: 'image', type };
  if (bytes.subarray(0, LOOKED_AT_BYTES).includes(0)) return { kind: 'refused', why: 'binary' };
  try {
    // A byte order mark stays: it is to be saved again.
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { kind: 'refused', why: 'encoding' };
  }
}

/** How lines end: as in all of the text. Where they end in different ways, CR is a character like others. */
export function lineEndOf(text: string): '\n' | '\r\n' {
  const ends = text.match(/\r?\n/g) ?? [];
  return ends.length > 0 && ends.every((end) => end === '\r\n') ? '\r\n' : '\n';
}
