/** Opens the hub of a release. */
import { DrydockError } from '../error.ts';
import type { ReleaseFile } from '../release-file.ts';
import { readVerified, type FileSource } from '../vm/source.ts';
import { parseCatalogue } from './catalogue.ts';
import { json } from './http.ts';
import { createHub, type Hub } from './hub.ts';
import { KEPT_FILES, KeptFiles } from './kept-files.ts';
import { openIndexedStore } from './indexed-store.ts';
import { openMemoryStore } from './memory-store.ts';
import type { HubStore } from './store.ts';

/**
 * The hub with the release's catalogue, read from `source`, and what was pushed, which `store` keeps.
 * @throws DrydockError `download-failed`, `damaged-file` when the catalogue cannot be read
 */
export async function openHub(source: FileSource, catalogue: ReleaseFile, store: HubStore): Promise<Hub> {
  const text = new TextDecoder().decode(await readVerified(source, catalogue));
  return createHub({ store, catalogue: { index: parseCatalogue(text), source } });
}

/** A hub that keeps its files and what is pushed in this browser; without a browser, as long as the process lives. */
export async function openLocalHub(source: FileSource, catalogue: ReleaseFile): Promise<Hub> {
  const store = 'indexedDB' in globalThis ? await openIndexedStore() : openMemoryStore();
  return openHub(await keptIn(source), catalogue, store);
}

/** `source` with what this browser keeps of it, where it keeps anything (Cache Storage needs HTTPS or localhost). */
export async function keptIn(source: FileSource): Promise<FileSource> {
  return 'caches' in globalThis ? new KeptFiles(source, await caches.open(KEPT_FILES)) : source;
}

/** What a client is told while the hub cannot be opened; the spec's form of an error, so that clients show it. */
export function unavailable(thrown: unknown): Response {
  const why = thrown instanceof DrydockError ? thrown.message : 'it failed to start.';
  return json(
    { errors: [{ code: 'UNAVAILABLE', message: `The hub is not available: ${why}` }] },
    { status: 503 },
  );
}
