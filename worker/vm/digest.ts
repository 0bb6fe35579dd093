/**
 * SHA-256 of bytes, in hex. The browser's own implementation exists only in secure contexts (HTTPS and
 * localhost); a classroom server on plain HTTP gets the one of @noble/hashes.
 */
import { sha256 as portableSha256 } from '@noble/hashes/sha2.js';

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  const digest = subtle ? new Uint8Array(await subtle.digest('SHA-256', bytes)) : portableSha256(bytes);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
