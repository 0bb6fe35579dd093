/**
 * What the hub keeps, as tables of records under string keys, and the little that it asks of a database: atomic
 * transactions over all tables. There are two, in memory and in IndexedDB; what the records mean is written once, in
 * `store.ts`. Keys are words joined by one space, which sorts before every character that a name may have, so that
 * all records under a prefix are neighbours and in the order of their last word.
 */
import { DrydockError } from '../error.ts';

export interface Tables {
  /** Content of blobs and uploads, `content index`. */
  parts: Uint8Array<ArrayBuffer>;
  /** `digest`. */
  blobs: BlobRecord;
  /** That a repository has a blob, its own or one of the catalogue: `digest repository`. */
  links: { since: number };
  /** That a manifest needs a blob or another manifest: `digest repository manifest`. */
  uses: true;
  /** `repository digest`. */
  manifests: ManifestRecord;
  /** `repository tag-in-lower-case tag`. */
  tags: TagRecord;
  /** `repository subject manifest`: manifests that refer to another. */
  referrers: Descriptor;
  /** `repository`. */
  repositories: { since: number };
  /** `id`. */
  uploads: UploadRecord;
  /** `registry user`. */
  accounts: AccountRecord;
  /** `signing-key`. */
  secrets: Uint8Array<ArrayBuffer>;
}

export type Table = keyof Tables;

export const TABLES = [
  'parts',
  'blobs',
  'links',
  'uses',
  'manifests',
  'tags',
  'referrers',
  'repositories',
  'uploads',
  'accounts',
  'secrets',
] as const satisfies readonly Table[];

export interface BlobRecord {
  bytes: number;
  /** Under which its parts are kept: the upload that brought it. */
  content: string;
}

/** A descriptor of the OCI image spec. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  artifactType?: string | undefined;
  annotations?: Record<string, string> | undefined;
}

export interface ManifestRecord {
  mediaType: string;
  body: Uint8Array<ArrayBuffer>;
  /** When it was pushed, ms since 1970. */
  since: number;
  /** Configuration and layers. */
  blobs: readonly string[];
  /** Manifests of an index. */
  children: readonly string[];
  /** The manifest that this one refers to. */
  subject?: string | undefined;
}

export interface TagRecord {
  tag: string;
  digest: string;
  /** When it last moved, ms since 1970. */
  since: number;
}

export interface UploadRecord {
  repository: string;
  bytes: number;
  /** When it began, ms since 1970. */
  since: number;
}

export interface AccountRecord {
  salt: Uint8Array<ArrayBuffer>;
  iterations: number;
  hash: Uint8Array<ArrayBuffer>;
  /** When it was made, ms since 1970. */
  since: number;
}

export interface Range {
  /** All keys that begin so. */
  prefix: string;
  /** Only keys after this one. */
  after?: string | undefined;
  limit?: number | undefined;
}

export interface Transaction {
  get<T extends Table>(table: T, key: string): Promise<Tables[T] | undefined>;
  put<T extends Table>(table: T, key: string, value: Tables[T]): Promise<void>;
  delete(table: Table, key: string): Promise<void>;
  /** Deletes all whose keys begin so, without reading them. */
  deleteAll(table: Table, prefix: string): Promise<void>;
  /** In the order of their keys. */
  list<T extends Table>(table: T, range: Range): Promise<Row<T>[]>;
}

export interface Row<T extends Table> {
  key: string;
  value: Tables[T];
}

export interface Records {
  /**
   * Runs `work` as one transaction: all of it happens or, when it throws, nothing. It may await nothing but the
   * transaction's own methods.
   * @throws what `work` throws; DrydockError `storage-full` when there is no room
   */
  transact<R>(mode: 'read' | 'write', work: (transaction: Transaction) => Promise<R>): Promise<R>;
  close(): void;
}

/** Above every key that begins with `prefix`. */
export function endOf(prefix: string): string {
  return `${prefix}\uffff`;
}

export function storageFull(cause: unknown): DrydockError {
  return new DrydockError(
    'storage-full',
    'The browser gives no more storage for images. Nothing that was stored is lost: delete pushed images that you no longer need, then repeat.',
    {},
    { cause },
  );
}

/** Whether an error says that the browser's storage is full. */
export function isStorageFull(thrown: unknown): thrown is DrydockError {
  return thrown instanceof DrydockError && thrown.code === 'storage-full';
}
