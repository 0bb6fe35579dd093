/**
 * Uploads of blobs: distribution spec 1.1, "Pushing blobs" (in one request, in two, in chunks) and "Mounting a blob
 * from another repository". Docker sends a layer as one PATCH without Content-Range and of unknown length.
 */
import { checkDigest } from './blob-endpoint.ts';
import type { HttpRequest } from '../net/http/message.ts';
import { isName } from './names.ts';
import { isStorageFull, type UploadRecord } from './records.ts';
import type { Exchange } from './registry.ts';
import { RegistryError } from './registry-error.ts';

export async function beginUpload(exchange: Exchange): Promise<Response> {
  const { request, url, repositories, repository } = exchange;
  const mount = url.searchParams.get('mount');
  if (mount !== null && (await mounted(exchange, mount))) return created(exchange, mount);
  const digest = url.searchParams.get('digest');
  if (digest !== null) checkDigest(digest);
  const id = await repositories.store.beginUpload(repository);
  if (digest === null) return accepted(exchange, id, 0, 202);
  try {
    await receive(exchange, id, 0, contentLength(request));
  } catch (error) {
    // Nobody was told its id.
    await exchange.uploads.cancel(id);
    throw error;
  }
  return end(exchange, id, digest);
}

/** Links a blob that a repository of this registry has; without `from`, one that the catalogue has. */
async function mounted(
  { url, registry, repositories, repository }: Exchange,
  digest: string,
): Promise<boolean> {
  checkDigest(digest);
  const from = url.searchParams.get('from');
  const known =
    from === null
      ? repositories.catalogue.anyBlob(digest)
      : isName(from) && (await repositories.blob(`${registry}/${from}`, digest));
  if (!known) return false;
  await repositories.store.link(repository, digest);
  return true;
}

export async function uploadStatus(exchange: Exchange): Promise<Response> {
  const upload = await find(exchange);
  return accepted(exchange, exchange.reference, upload.bytes, 204);
}

export async function continueUpload(exchange: Exchange): Promise<Response> {
  const upload = await find(exchange);
  const bytes = await receiveChunk(exchange, upload);
  return accepted(exchange, exchange.reference, bytes, 202);
}

export async function endUpload(exchange: Exchange): Promise<Response> {
  const digest = exchange.url.searchParams.get('digest');
  if (digest === null) throw new RegistryError('DIGEST_INVALID', 'The parameter digest is missing.');
  checkDigest(digest);
  const upload = await find(exchange);
  await receiveChunk(exchange, upload);
  return end(exchange, exchange.reference, digest);
}

export async function cancelUpload(exchange: Exchange): Promise<Response> {
  await find(exchange);
  await exchange.uploads.cancel(exchange.reference);
  return new Response(null, { status: 204 });
}

async function find({ repositories, repository, reference }: Exchange): Promise<UploadRecord> {
  const upload = await repositories.store.upload(repository, reference);
  if (!upload) throw gone();
  return upload;
}

/** The body of a PATCH or PUT; returns the upload's new length. */
function receiveChunk(exchange: Exchange, { bytes }: UploadRecord): Promise<number> {
  const { request, reference } = exchange;
  const header = request.headers.get('content-range');
  const length = contentLength(request);
  if (header === null) return receive(exchange, reference, bytes, length);
  const [, first, last] = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(header) ?? [];
  const announced = Number(last) - Number(first) + 1;
  if (first === undefined || announced < 0)
    throw new RegistryError('BLOB_UPLOAD_INVALID', 'Content-Range cannot be read.');
  if (Number(first) !== bytes) throw outOfOrder(exchange, reference, bytes);
  if (length !== undefined && length !== announced)
    throw new RegistryError('SIZE_INVALID', 'Content-Length and Content-Range disagree.');
  return receive(exchange, reference, bytes, announced);
}

async function receive(
  exchange: Exchange,
  id: string,
  offset: number,
  announced: number | undefined,
): Promise<number> {
  const result = await exchange.uploads.append(id, offset, exchange.request.body, announced);
  if (result.state === 'moved') {
    const now = await exchange.repositories.store.upload(exchange.repository, id);
    throw now ? outOfOrder(exchange, id, now.bytes) : gone();
  }
  if (result.state === 'too-long' || (announced !== undefined && result.bytes < announced))
    throw new RegistryError('SIZE_INVALID', 'provided length did not match content length');
  return offset + result.bytes;
}

/** Makes a blob of an upload if it has this digest; if not, the upload is removed. */
async function end(exchange: Exchange, id: string, digest: string): Promise<Response> {
  const { store } = exchange.repositories;
  const upload = await store.upload(exchange.repository, id);
  if (!upload) throw gone();
  const computed = await exchange.uploads.digest(id, upload.bytes);
  if (computed !== digest) {
    await exchange.uploads.cancel(id);
    throw new RegistryError('DIGEST_INVALID', 'provided digest did not match uploaded content', {
      detail: { provided: digest, computed },
    });
  }
  try {
    if (!(await store.finishUpload(id, digest))) throw gone();
  } catch (error) {
    if (isStorageFull(error)) await exchange.uploads.cancel(id);
    throw error;
  }
  return created(exchange, digest);
}

function contentLength(request: HttpRequest): number | undefined {
  const header = request.headers.get('content-length');
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}

function progress(name: string, id: string, bytes: number): Record<string, string> {
  return {
    Location: `/v2/${name}/blobs/uploads/${id}`,
    // Of nothing received too, there is no other way to write it: so does CNCF Distribution.
    Range: `0-${Math.max(bytes - 1, 0)}`,
    'Docker-Upload-UUID': id,
  };
}

function accepted({ name }: Exchange, id: string, bytes: number, status: 202 | 204): Response {
  return new Response(null, { status, headers: progress(name, id, bytes) });
}

function created({ name }: Exchange, digest: string): Response {
  return new Response(null, {
    status: 201,
    headers: { Location: `/v2/${name}/blobs/${digest}`, 'Docker-Content-Digest': digest },
  });
}

function outOfOrder({ name }: Exchange, id: string, bytes: number): RegistryError {
  return new RegistryError(
    'BLOB_UPLOAD_INVALID',
    `The upload has ${bytes} bytes; the next chunk begins there.`,
    {
      status: 416,
      headers: progress(name, id, bytes),
    },
  );
}

function gone(): RegistryError {
  return new RegistryError('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
}
