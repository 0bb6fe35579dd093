/** Blobs: distribution spec 1.1, "Pulling blobs" and "Deleting blobs", with ranges (RFC 9110, section 14). */
import type { ByteRange } from './blob-stream.ts';
import { isDigest } from './names.ts';
import type { Exchange } from './registry.ts';
import { RegistryError } from './registry-error.ts';

export async function getBlob({ request, repositories, repository, reference }: Exchange): Promise<Response> {
  checkDigest(reference);
  const blob = await repositories.blob(repository, reference);
  if (!blob) throw unknown(reference);
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Accept-Ranges': 'bytes',
    'Docker-Content-Digest': reference,
    ETag: `"${reference}"`,
    'Cache-Control': 'max-age=31536000, immutable',
  };
  if (request.headers.get('if-none-match')?.includes(reference) === true)
    return new Response(null, { status: 304, headers });
  const range = readRange(request.headers.get('range'), blob.bytes);
  const { start, end } = range;
  const body = request.method === 'HEAD' ? null : await blob.open(range);
  return new Response(body, {
    status: range.state === 'part' ? 206 : 200,
    headers: {
      ...headers,
      'Content-Length': String(end - start),
      ...(range.state === 'part' && { 'Content-Range': `bytes ${start}-${end - 1}/${blob.bytes}` }),
    },
  });
}

export async function deleteBlob({ repositories, repository, reference }: Exchange): Promise<Response> {
  checkDigest(reference);
  switch (await repositories.store.unlink(repository, reference)) {
    case 'removed':
      return new Response(null, { status: 202 });
    case 'needed':
      throw new RegistryError(
        'UNSUPPORTED',
        'The blob belongs to an image; delete the image, and it goes too.',
      );
    case 'unknown':
      throw unknown(reference);
  }
}

/** One range is served; several, or what is no range of bytes, is answered with the whole, as RFC 9110 allows. */
function readRange(header: string | null, bytes: number): ByteRange & { state: 'whole' | 'part' } {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === ''))
    return { state: 'whole', start: 0, end: bytes };
  const start = first === '' ? Math.max(bytes - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? bytes : Math.min(Number(last) + 1, bytes);
  if (start >= end)
    throw new RegistryError('SIZE_INVALID', 'The blob does not have these bytes.', {
      status: 416,
      headers: { 'Content-Range': `bytes */${bytes}` },
    });
  return { state: 'part', start, end };
}

export function checkDigest(digest: string): void {
  if (!isDigest(digest))
    throw new RegistryError('DIGEST_INVALID', 'This registry takes sha256 digests.', { detail: { digest } });
}

function unknown(digest: string): RegistryError {
  return new RegistryError('BLOB_UNKNOWN', 'blob unknown to registry', { detail: { digest } });
}
