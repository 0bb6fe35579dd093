/**
 * A session as one file, and back: a zip with the record and the session's files, which are compressed already. What the
 * machines had compiled is not in it, and would not be taken from it: code of a stranger is never executed.
 */
import { DrydockError } from '../error.ts';
import { z } from '../schema.ts';
import { BLOCK_BYTES, decodeBlocks } from '../vm/blocks.ts';
import { sha256 } from '../vm/digest.ts';
import { decompressWithin } from '../vm/zstd-frame.ts';
import { decompress } from '../vm/zstd.ts';
import { addSession, importedName } from './add-session.ts';
import { compress } from './encode.ts';
import { SessionFolder } from './files.ts';
import { decodeState, encodeState } from './machine-state.ts';
import { mapFiles, type Content } from './map-files.ts';
import { parseRecord } from './parse-record.ts';
import { mapNodes, recordFiles, type SessionRecord } from './record.ts';
import type { SessionStore } from './store.ts';
import { StoredZip, writeZip, ZipError, type ZipProblem } from './stored-zip.ts';
import { isTree } from './tree.ts';

/** Raised when the layout of the file changes so that older code cannot read it. */
const FORMAT = 1;

const INDEX = 'session.json';

/** Of that, in bytes. Screens are most of it. */
const INDEX_BYTES = 64e6;

/** Of one of the other files: 16 MiB of blocks, or a machine's devices. */
const FILE_BYTES = 64 * 2 ** 20;

const indexSchema = z.strictObject({
  format: z.literal(FORMAT),
  record: z.unknown(),
  /** By name. */
  files: z.record(
    z.string(),
    z.strictObject({
      bytes: z.int().check(z.nonnegative()),
      sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
    }),
  ),
});

/** What is taken from outside at most. */
export interface SessionLimits {
  /** Of the file. */
  bytes: number;
  /** How many files are in it. */
  files: number;
  /** Of all that is in them. */
  unpackedBytes: number;
  /** Of a machine's memory. */
  memoryBytes: number;
}

export const SESSION_LIMITS: SessionLimits = {
  bytes: 1e9,
  files: 10_000,
  unpackedBytes: 4 * 2 ** 30,
  memoryBytes: 2 ** 30,
};

/**
 * A session as a file. Nothing may be written to it meanwhile; see `Keeper.whileStill`.
 * @throws DrydockError `damaged-file`, `wrong-release`
 */
export async function exportSession(store: SessionStore, id: string): Promise<Blob> {
  const stored = { ...parseRecord(await store.records.get(id)), owner: undefined, deleted: undefined };
  const folder = new SessionFolder(store.files, id);
  return writeZip(async (add) => {
    const files: z.infer<typeof indexSchema>['files'] = {};
    const record = await mapFiles(withoutCode(stored), async (file, content) => {
      const kept = await folder.read(file);
      const state = content === 'state' ? bareState(await decompress(kept)) : undefined;
      const bytes = state ? await compress(state) : kept;
      files[file.name] = { bytes: bytes.length, sha256: await sha256(bytes) };
      await add(file.name, bytes);
      return { ...file, bytes: bytes.length, plain: state?.length ?? file.plain };
    });
    await add(INDEX, new TextEncoder().encode(JSON.stringify({ format: FORMAT, record, files })));
  });
}

/**
 * Adds the session in a file, which may come from anywhere, to the store.
 * @returns its id
 * @throws DrydockError `damaged-file`, `wrong-release`, `storage-full`; nothing of it is left then
 */
export async function importSession(
  store: SessionStore,
  file: Blob,
  limits: SessionLimits = SESSION_LIMITS,
): Promise<string> {
  try {
    const zip = await StoredZip.open(file, limits);
    const { record, files } = await readIndex(zip);
    return await addSession(store, record, (folder) => {
      let left = limits.unpackedBytes;
      return mapFiles(record, async ({ name }, content) => {
        const bytes = await zip.read(name, FILE_BYTES);
        const promised = files.get(name);
        if (bytes.length !== promised?.bytes || (await sha256(bytes)) !== promised.sha256)
          throw new ZipError('damaged');
        const state = content === 'state' ? bareState(await decompressWithin(bytes, FILE_BYTES)) : undefined;
        const plain = state?.length ?? (await countBlocks(bytes, content, record, limits));
        if ((left -= plain) < 0) throw new ZipError('too-large');
        return state ? folder.writePlain(state) : folder.write(bytes, plain);
      });
    });
  } catch (error) {
    throw refusal(error, limits);
  }
}

interface Index {
  record: SessionRecord;
  files: Map<string, { bytes: number; sha256: string }>;
}

/** @throws ZipError; DrydockError `wrong-release`, `damaged-file` */
async function readIndex(zip: StoredZip): Promise<Index> {
  if (!zip.has(INDEX)) throw new ZipError('not-a-zip');
  const bytes = await zip.read(INDEX, INDEX_BYTES);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ZipError('damaged', { cause });
  }
  const format = z.looseObject({ format: z.number() }).safeParse(json);
  if (format.success && format.data.format !== FORMAT)
    throw new DrydockError('wrong-release', 'The file is of another format.', { format: format.data.format });
  const parsed = indexSchema.safeParse(json);
  if (!parsed.success) throw new ZipError('damaged', { cause: parsed.error });
  const record = parseRecord(parsed.data.record ?? null);
  if (!isTree(record) || recordFiles(record).length === 0) throw new ZipError('damaged');
  // Without moments, one that was never used would be taken for one in which nothing was done.
  const used = record.moments.length > 0 ? record.used : Math.max(record.used, 1);
  return {
    record: { ...withoutCode(record), name: importedName(record.name), used },
    files: new Map(Object.entries(parsed.data.files)),
  };
}

/** Reads a file of blocks, none of which may be beyond the end of what it is for; returns the bytes that it unpacks to. */
async function countBlocks(
  file: Uint8Array,
  content: Content,
  { machine }: SessionRecord,
  { memoryBytes }: SessionLimits,
): Promise<number> {
  const end = content === 'pages' ? memoryBytes : machine.disk.bytes;
  const { numbers, bytes } = await decodeBlocks(file, Math.floor(end / BLOCK_BYTES));
  return 4 + numbers.byteLength + bytes.length;
}

/** A record that names no memory of the emulator's own: what it knows of compiled code is there. */
function withoutCode(record: SessionRecord): SessionRecord {
  const moments = record.moments.map((moment) => ({
    ...moment,
    nodes: mapNodes(moment.nodes, (node) =>
      node.state === 'running' ? { ...node, memory: { ...node.memory, core: [] } } : node,
    ),
  }));
  return { ...record, moments };
}

/** A machine's state as `encodeState` gives it, without what was compiled. */
function bareState(state: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return encodeState({ devices: decodeState(state).devices });
}

/** Why a file is not taken, and what to do about it; anything else that went wrong stays as it is. */
function refusal(error: unknown, { bytes }: SessionLimits): unknown {
  const { code, details } = error instanceof DrydockError ? error : {};
  if (code === 'wrong-release')
    return new DrydockError(
      code,
      'This session was saved by another version of Drydock. Reload the page for the newest one, and try again.',
      details,
      { cause: error },
    );
  const isDamaged = code === 'damaged-file' || code === 'session-gone';
  const problem = error instanceof ZipError ? error.problem : isDamaged ? 'damaged' : undefined;
  if (!problem) return error;
  const messages: Record<ZipProblem, string> = {
    unreadable: 'The file could not be read. Choose it again; a folder cannot be added.',
    'not-a-zip': 'This file is no session of Drydock. Choose one that Drydock has exported.',
    damaged: 'This session is damaged. Get the file again from where you have it.',
    'too-large': `This session is too large: a file may have ${Math.floor(bytes / 1e6)} MB. Remove checkpoints where it was saved, and export it again.`,
  };
  return new DrydockError('damaged-file', messages[problem], { problem }, { cause: error });
}
