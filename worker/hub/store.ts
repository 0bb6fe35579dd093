/**
 * What users pushed: blobs, manifests, tags, uploads in progress, accounts. Every method is one transaction.
 *
 * A blob is kept in parts of 1 MiB under the id of the upload that brought it, so it streams in and out and becomes
 * visible by one small record, without a copy. It is kept once; a *link* says that a repository has it. A link may
 * also point at a blob of the catalogue, which is not kept here. When a manifest goes, the links that no other
 * manifest of the repository needs go with it, and with the last link the blob.
 */
import { randomUuid } from '../random-uuid.ts';
import { concat } from '../net/bytes.ts';
import {
  type AccountRecord,
  type BlobRecord,
  type Descriptor,
  type ManifestRecord,
  type Records,
  type TagRecord,
  type Transaction,
  type UploadRecord,
} from './records.ts';

/** Size of a part of a blob, in bytes; only the last one is smaller. */
export const PART_BYTES = 1024 * 1024;

/** After this many ms an upload, or a blob that no manifest came for, counts as abandoned. */
const ABANDONED = 24 * 60 * 60 * 1000;

export interface StoreOptions {
  /** The time, ms since 1970. */
  now?: (() => number) | undefined;
}

/** A manifest on its way into the store. */
export interface NewManifest extends Pick<ManifestRecord, 'mediaType' | 'body' | 'children' | 'subject'> {
  digest: string;
  blobs: readonly Pick<Descriptor, 'digest' | 'size'>[];
  /** What the referrers API says of it, if it has a subject. */
  descriptor: Descriptor;
}

/** What became of a manifest: kept, or what it needs and is not there (or has another size). */
export type PutResult = { state: 'kept' } | { state: 'incomplete'; missing: string[]; wrongSize: string[] };

/** A blob of a repository: kept here, or only linked, so that the catalogue must have it. */
export type LinkedBlob = (BlobRecord & { state: 'kept' }) | { state: 'linked' };

export class HubStore {
  readonly now: () => number;

  constructor(
    private readonly records: Records,
    { now = Date.now }: StoreOptions = {},
  ) {
    this.now = now;
  }

  close(): void {
    this.records.close();
  }

  /** Removes uploads that are older than a day, and blobs that came a day ago and no manifest needs. */
  sweep(): Promise<void> {
    return this.records.transact('write', async (tx) => {
      const old = this.now() - ABANDONED;
      for (const { key, value } of await tx.list('uploads', { prefix: '' }))
        if (value.since < old) await dropUpload(tx, key);
      for (const { key, value } of await tx.list('links', { prefix: '' })) {
        const [digest = '', repository = ''] = key.split(' ');
        if (value.since < old && !(await isNeeded(tx, repository, digest)))
          await unlink(tx, repository, digest);
      }
    });
  }

  /** 32 random bytes that tokens are signed with; made at the first call. */
  async signingKey(): Promise<Uint8Array<ArrayBuffer>> {
    const known = await this.records.transact('read', (tx) => tx.get('secrets', 'signing-key'));
    return known ?? this.makeSigningKey();
  }

  account(registry: string, user: string): Promise<AccountRecord | undefined> {
    return this.records.transact('read', (tx) => tx.get('accounts', `${registry} ${user}`));
  }

  /** Adds an account, unless another instance was faster; returns the one that is kept. */
  addAccount(registry: string, user: string, account: Omit<AccountRecord, 'since'>): Promise<AccountRecord> {
    return this.records.transact('write', async (tx) => {
      const key = `${registry} ${user}`;
      const known = await tx.get('accounts', key);
      if (known) return known;
      const added = { ...account, since: this.now() };
      await tx.put('accounts', key, added);
      return added;
    });
  }

  /** Begins an upload; returns its id. */
  async beginUpload(repository: string): Promise<string> {
    const id = randomUuid();
    await this.records.transact('write', (tx) =>
      tx.put('uploads', id, { repository, bytes: 0, since: this.now() }),
    );
    return id;
  }

  upload(repository: string, id: string): Promise<UploadRecord | undefined> {
    return this.records.transact('read', async (tx) => {
      const upload = await tx.get('uploads', id);
      return upload?.repository === repository ? upload : undefined;
    });
  }

  /**
   * Appends bytes that do not cross the end of a part.
   * @param offset where they belong
   * @returns whether the upload is still there and ends at `offset`; nothing is written if not
   */
  append(id: string, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    return this.records.transact('write', async (tx) => {
      const upload = await tx.get('uploads', id);
      if (upload?.bytes !== offset) return false;
      const key = partKey(id, Math.floor(offset / PART_BYTES));
      const begun = offset % PART_BYTES === 0 ? undefined : await tx.get('parts', key);
      await tx.put('parts', key, begun ? concat(begun, bytes) : bytes);
      await tx.put('uploads', id, { ...upload, bytes: offset + bytes.length });
      return true;
    });
  }

  /**
   * Ends an upload: what it brought is a blob of its repository from now on.
   * @param digest of the content, which the caller has proved
   * @param repository the one to link it to, if another than the one that the upload began in
   * @returns whether the upload was still there
   */
  finishUpload(id: string, digest: string, repository?: string): Promise<boolean> {
    return this.records.transact('write', async (tx) => {
      const upload = await tx.get('uploads', id);
      if (!upload) return false;
      if (await tx.get('blobs', digest)) {
        await dropUpload(tx, id);
      } else {
        await tx.put('blobs', digest, { bytes: upload.bytes, content: id });
        await tx.delete('uploads', id);
      }
      await this.linkIn(tx, repository ?? upload.repository, digest);
      return true;
    });
  }

  /** Removes an upload and its parts; returns whether there was one. */
  cancelUpload(id: string): Promise<boolean> {
    return this.records.transact('write', async (tx) => {
      const known = await tx.get('uploads', id);
      if (known) await dropUpload(tx, id);
      return known !== undefined;
    });
  }

  part(content: string, index: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.records.transact('read', (tx) => tx.get('parts', partKey(content, index)));
  }

  blob(repository: string, digest: string): Promise<LinkedBlob | undefined> {
    return this.records.transact('read', async (tx) => {
      if (!(await tx.get('links', `${digest} ${repository}`))) return undefined;
      const blob = await tx.get('blobs', digest);
      return blob ? { ...blob, state: 'kept' } : { state: 'linked' };
    });
  }

  /** Says that a repository has a blob which is kept already, or which the catalogue has. */
  link(repository: string, digest: string): Promise<void> {
    return this.records.transact('write', (tx) => this.linkIn(tx, repository, digest));
  }

  /** Takes a blob out of a repository, unless a manifest there needs it. */
  unlink(repository: string, digest: string): Promise<'removed' | 'needed' | 'unknown'> {
    return this.records.transact('write', async (tx) => {
      if (!(await tx.get('links', `${digest} ${repository}`))) return 'unknown';
      if (await isNeeded(tx, repository, digest)) return 'needed';
      await unlink(tx, repository, digest);
      return 'removed';
    });
  }

  /**
   * Keeps a manifest, if everything that it needs is there.
   * @param tag that moves to it
   * @param elsewhere size of a blob that the catalogue has
   */
  putManifest(
    repository: string,
    { digest, blobs, descriptor, ...manifest }: NewManifest,
    tag: string | undefined,
    elsewhere: (digest: string) => number | undefined,
  ): Promise<PutResult> {
    return this.records.transact('write', async (tx) => {
      const missing: string[] = [];
      const wrongSize: string[] = [];
      for (const blob of blobs) {
        const linked = await tx.get('links', `${blob.digest} ${repository}`);
        const bytes = (linked && (await tx.get('blobs', blob.digest))?.bytes) ?? elsewhere(blob.digest);
        if (bytes === undefined) missing.push(blob.digest);
        else if (bytes !== blob.size) wrongSize.push(blob.digest);
      }
      for (const child of manifest.children)
        if (!(await tx.get('manifests', `${repository} ${child}`))) missing.push(child);
      if (missing.length > 0 || wrongSize.length > 0) return { state: 'incomplete', missing, wrongSize };

      const since = this.now();
      const needed = blobs.map((blob) => blob.digest);
      if (!(await tx.get('repositories', repository))) await tx.put('repositories', repository, { since });
      for (const blob of needed) await this.linkIn(tx, repository, blob);
      for (const other of [...needed, ...manifest.children])
        await tx.put('uses', `${other} ${repository} ${digest}`, true);
      if (!(await tx.get('manifests', `${repository} ${digest}`)))
        await tx.put('manifests', `${repository} ${digest}`, { ...manifest, blobs: needed, since });
      if (manifest.subject !== undefined)
        await tx.put('referrers', `${repository} ${manifest.subject} ${digest}`, descriptor);
      if (tag !== undefined) await tx.put('tags', tagKey(repository, tag), { tag, digest, since });
      return { state: 'kept' };
    });
  }

  manifest(repository: string, digest: string): Promise<ManifestRecord | undefined> {
    return this.records.transact('read', (tx) => tx.get('manifests', `${repository} ${digest}`));
  }

  /** All manifests of a repository by digest, tagged or not. */
  manifests(repository: string): Promise<Map<string, ManifestRecord>> {
    return this.records.transact('read', async (tx) => {
      const rows = await tx.list('manifests', { prefix: `${repository} ` });
      return new Map(rows.map(({ key, value }) => [key.slice(repository.length + 1), value]));
    });
  }

  tag(repository: string, tag: string): Promise<TagRecord | undefined> {
    return this.records.transact('read', (tx) => tx.get('tags', tagKey(repository, tag)));
  }

  /**
   * Tags in the order of `compareTags`.
   * @param after only those that come after this one, which need not exist
   * @param limit at least 1
   */
  tags(repository: string, after?: string, limit?: number): Promise<TagRecord[]> {
    return this.records.transact('read', async (tx) => {
      const from = after === undefined ? undefined : tagKey(repository, after);
      const rows = await tx.list('tags', { prefix: `${repository} `, after: from, limit });
      return rows.map((row) => row.value);
    });
  }

  hasRepository(repository: string): Promise<boolean> {
    return this.records.transact(
      'read',
      async (tx) => (await tx.get('repositories', repository)) !== undefined,
    );
  }

  /** Names, sorted, that begin with `prefix`; as for `tags`. */
  repositories(prefix: string, after?: string, limit?: number): Promise<string[]> {
    return this.records.transact('read', async (tx) => {
      const rows = await tx.list('repositories', { prefix, after, limit });
      return rows.map((row) => row.key);
    });
  }

  referrers(repository: string, subject: string): Promise<Descriptor[]> {
    return this.records.transact('read', async (tx) => {
      const rows = await tx.list('referrers', { prefix: `${repository} ${subject} ` });
      return rows.map((row) => row.value);
    });
  }

  /** Removes a manifest with all its tags and what only it needed; returns whether there was one. */
  deleteManifest(repository: string, digest: string): Promise<boolean> {
    return this.records.transact('write', async (tx) => {
      const known = await tx.get('manifests', `${repository} ${digest}`);
      if (known) await dropManifest(tx, repository, digest);
      return known !== undefined;
    });
  }

  /**
   * Removes a tag.
   * @param rest whether its manifest stays, as the distribution spec has it, or goes if nothing else needs it
   * @returns whether there was one
   */
  deleteTag(repository: string, tag: string, rest: 'keep-manifest' | 'drop-manifest'): Promise<boolean> {
    return this.records.transact('write', async (tx) => {
      const known = await tx.get('tags', tagKey(repository, tag));
      if (!known) return false;
      await tx.delete('tags', tagKey(repository, tag));
      if (rest === 'drop-manifest') await dropUnneeded(tx, repository, known.digest);
      return true;
    });
  }

  /** Removes a repository with everything in it; returns whether there was one. */
  deleteRepository(repository: string): Promise<boolean> {
    return this.records.transact('write', async (tx) => {
      const known = await tx.get('repositories', repository);
      for (const { key } of await tx.list('manifests', { prefix: `${repository} ` }))
        await dropManifest(tx, repository, key.slice(repository.length + 1));
      for (const { key } of await tx.list('links', { prefix: '' }))
        if (key.endsWith(` ${repository}`)) await unlink(tx, repository, key.split(' ')[0] ?? '');
      for (const { key, value } of await tx.list('uploads', { prefix: '' }))
        if (value.repository === repository) await dropUpload(tx, key);
      return known !== undefined;
    });
  }

  /** Removes those of the blobs that no manifest of the repository needs. */
  dropUnneededBlobs(repository: string, digests: readonly string[]): Promise<void> {
    return this.records.transact('write', async (tx) => {
      for (const digest of digests)
        if (!(await isNeeded(tx, repository, digest))) await unlink(tx, repository, digest);
    });
  }

  private makeSigningKey(): Promise<Uint8Array<ArrayBuffer>> {
    return this.records.transact('write', async (tx) => {
      const faster = await tx.get('secrets', 'signing-key');
      if (faster) return faster;
      const key = crypto.getRandomValues(new Uint8Array(32));
      await tx.put('secrets', 'signing-key', key);
      return key;
    });
  }

  private async linkIn(tx: Transaction, repository: string, digest: string): Promise<void> {
    await tx.put('links', `${digest} ${repository}`, { since: this.now() });
  }
}

/** The order of tags: "lexical (i.e. case-insensitive alphanumeric)", distribution spec 1.1, "Listing tags". */
export function compareTags(one: string, other: string): number {
  const [a, b] = [tagOrder(one), tagOrder(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}

const tagOrder = (tag: string): string => `${tag.toLowerCase()} ${tag}`;
const tagKey = (repository: string, tag: string): string => `${repository} ${tagOrder(tag)}`;
const partKey = (content: string, index: number): string => `${content} ${String(index).padStart(8, '0')}`;

async function isNeeded(tx: Transaction, repository: string, digest: string): Promise<boolean> {
  return (await tx.list('uses', { prefix: `${digest} ${repository} `, limit: 1 })).length > 0;
}

async function dropUpload(tx: Transaction, id: string): Promise<void> {
  await tx.deleteAll('parts', `${id} `);
  await tx.delete('uploads', id);
}

async function unlink(tx: Transaction, repository: string, digest: string): Promise<void> {
  await tx.delete('links', `${digest} ${repository}`);
  if ((await tx.list('links', { prefix: `${digest} `, limit: 1 })).length > 0) return;
  const blob = await tx.get('blobs', digest);
  if (!blob) return;
  await tx.deleteAll('parts', `${blob.content} `);
  await tx.delete('blobs', digest);
}

async function dropManifest(tx: Transaction, repository: string, digest: string): Promise<void> {
  const key = `${repository} ${digest}`;
  const manifest = await tx.get('manifests', key);
  if (!manifest) return;
  await tx.delete('manifests', key);
  for (const { key: tag, value } of await tx.list('tags', { prefix: `${repository} ` }))
    if (value.digest === digest) await tx.delete('tags', tag);
  if (manifest.subject !== undefined)
    await tx.delete('referrers', `${repository} ${manifest.subject} ${digest}`);
  for (const other of [...manifest.blobs, ...manifest.children])
    await tx.delete('uses', `${other} ${repository} ${digest}`);
  for (const blob of manifest.blobs)
    if (!(await isNeeded(tx, repository, blob))) await unlink(tx, repository, blob);
  for (const child of manifest.children) await dropUnneeded(tx, repository, child);
  for (const { value } of await tx.list('referrers', { prefix: `${repository} ${digest} ` }))
    await dropUnneeded(tx, repository, value.digest);
  if ((await tx.list('manifests', { prefix: `${repository} `, limit: 1 })).length === 0)
    await tx.delete('repositories', repository);
}

/** Removes a manifest that has no tag, belongs to no index and refers to nothing that is there. */
async function dropUnneeded(tx: Transaction, repository: string, digest: string): Promise<void> {
  if (await isNeeded(tx, repository, digest)) return;
  const tags = await tx.list('tags', { prefix: `${repository} ` });
  if (tags.some((tag) => tag.value.digest === digest)) return;
  const subject = (await tx.get('manifests', `${repository} ${digest}`))?.subject;
  if (subject !== undefined && (await tx.get('manifests', `${repository} ${subject}`))) return;
  await dropManifest(tx, repository, digest);
}
