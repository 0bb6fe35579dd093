/** Opens the hub of a release in this browser. */
import { DrydockError } from '../error.ts';
import { KeptFiles } from '../kept-files.ts';
import type { ReleaseFile } from '../release-file.ts';
import { readVerified, type FileSource } from '../vm/source.ts';
import { parseCatalogue, type Catalogue } from './catalogue.ts';
import { createHub, type Hub } from './hub.ts';
import { openIndexedStore } from './indexed-store.ts';
import { openMemoryStore } from './memory-store.ts';
import type { Records } from './records.ts';
import { RegistryError } from './registry-error.ts';
import { HubStore } from './store.ts';

/** The name under which this origin keeps files of the catalogue. */
const KEPT_CATALOGUE = 'drydock-catalogue';

/** A hub and what it was made of. */
export interface LocalHubParts {
  hub: Hub;
  catalogue: Catalogue;
  /** Where the catalogue's files are. */
  source: FileSource;
  /** Those that the browser keeps, where it can (Cache Storage needs HTTPS or localhost). */
  kept: KeptFiles | undefined;
}

/**
 * A hub that keeps its files and what is pushed in this browser; without a browser, as long as the process lives.
 * @param records where what is pushed is kept instead
 * @throws DrydockError `download-failed`, `damaged-file` when the catalogue cannot be read
 */
export async function openLocalHub(
  source: FileSource,
  catalogueFile: ReleaseFile,
  records?: Records,
): Promise<LocalHubParts> {
  const kept = await KeptFiles.open(KEPT_CATALOGUE, source, 'what-is-read');
  const reading = kept ?? source;
  const catalogue = parseCatalogue(new TextDecoder().decode(await readVerified(reading, catalogueFile)));
  const store = await openStore(records);
  const hub = createHub({ store, catalogue: { index: catalogue, source: reading } });
  return { hub, catalogue, source, kept };
}

async function openStore(records: Records | undefined): Promise<HubStore> {
  if (records) return new HubStore(records);
  return 'indexedDB' in globalThis ? openIndexedStore() : openMemoryStore();
}

/** What a client is told while the hub cannot be opened; the spec's form of an error, so that clients show it. */
export function unavailable(thrown: unknown): Response {
  const why = thrown instanceof DrydockError ? thrown.message : 'it failed to start.';
  return new RegistryError('UNAVAILABLE', `The hub is not available: ${why}`).response();
}
