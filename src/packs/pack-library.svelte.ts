/**
 * Lesson packs: those that were added, and one that is looked at before it is. A pack comes from anybody, so it is read
 * and checked whole, shown to the user, and only then kept; nothing of it runs outside the machine.
 */
import { readPieces } from '../../worker/bounded-body.ts';
import type { LessonEntry } from 'virtual:lessons';
import { identifierOf } from '../../lessons/format/identifier.ts';
import { inLearningOrder } from '../../lessons/format/curriculum.ts';
import { summarise, type Lesson } from '../../lessons/format/lesson.ts';
import { LessonError, type Problem } from '../../lessons/format/problem.ts';
import { PACK_LIMITS, PackError, type PackFiles } from '../../lessons/pack/pack-files.ts';
import { forgetPack, keepPack, keptPacks, type KeptPack } from './pack-store.ts';

/** Between the id of a pack and that of its lesson, in which it cannot occur. */
const BETWEEN = '--';

/** The pack that is looked at. */
export type Candidate =
  | { state: 'none' }
  | { state: 'reading'; source: string }
  | { state: 'ready'; pack: KeptPack }
  | { state: 'refused'; source: string; message: string; problems: readonly Problem[] };

class PackLibrary {
  #packs = $state.raw<readonly KeptPack[]>([]);
  #isLoaded = $state.raw(false);
  #loading: Promise<void> | undefined;
  #candidate = $state.raw<Candidate>({ state: 'none' });

  /** Reads the packs of earlier visits, once; for pages that show lessons of packs. */
  load(): Promise<void> {
    this.#loading ??= keptPacks()
      .catch(() => [])
      .then((packs) => {
        this.#packs = packs;
        this.#isLoaded = true;
      });
    return this.#loading;
  }

  get packs(): readonly KeptPack[] {
    return this.#packs;
  }

  /** Whether the packs of earlier visits have been read. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get candidate(): Candidate {
    return this.#candidate;
  }

  /** The lessons of a pack, as the list of lessons has them, in learning order. */
  entries(pack: KeptPack): LessonEntry[] {
    const inPack = new Set(pack.lessons.map(({ id }) => id));
    const own = (id: string): string => pack.id + BETWEEN + id;
    const entries = pack.lessons.map((lesson) => {
      const prerequisites = lesson.prerequisites.map((id) => (inPack.has(id) ? own(id) : id));
      const owned: Lesson = { ...lesson, id: own(lesson.id), prerequisites };
      return { ...summarise(owned), load: () => Promise.resolve(owned) };
    });
    return inLearningOrder(entries);
  }

  /** Whether `id` is that of a pack's lesson, be the pack there or not. */
  isPackLesson(id: string): boolean {
    return id.includes(BETWEEN);
  }

  /** Looks at files that were dropped or chosen: one zip, or a folder's. */
  async look(files: readonly { path: string; file: File }[]): Promise<void> {
    const [first] = files;
    if (!first) return;
    const isZip = files.length === 1 && /\.zip$/i.test(first.file.name);
    const source = isZip
      ? first.file.name
      : (first.path.replace(/^(\.?\/)+/, '').split('/')[0] ?? first.path);
    await this.#read(source, async () => {
      if (isZip) return (await import('../../lessons/pack/zip.ts')).readZip(first.file);
      return (await import('../../lessons/pack/folder.ts')).readFolder(files);
    });
  }

  /** Looks at the zip at `url`, whose server must allow that (CORS) if it is another one. */
  async fetch(url: string): Promise<void> {
    await this.#read(url, async () => {
      const zip = await download(url);
      return (await import('../../lessons/pack/zip.ts')).readZip(zip);
    });
  }

  /** Keeps the pack that is looked at; the first of its lessons. */
  async add(): Promise<LessonEntry | undefined> {
    if (this.#candidate.state !== 'ready') return undefined;
    const { pack } = this.#candidate;
    await this.load();
    await keepPack(pack);
    this.#packs = [...this.#packs.filter(({ id }) => id !== pack.id), pack];
    this.#candidate = { state: 'none' };
    return this.entries(pack)[0];
  }

  dismiss(): void {
    this.#candidate = { state: 'none' };
  }

  async remove(pack: KeptPack): Promise<void> {
    await forgetPack(pack.id);
    this.#packs = this.#packs.filter(({ id }) => id !== pack.id);
  }

  /** Keeps a pack again that was removed. */
  async restore(pack: KeptPack): Promise<void> {
    await keepPack(pack);
    this.#packs = [...this.#packs, pack].sort((a, b) => a.added - b.added);
  }

  async #read(source: string, files: () => Promise<PackFiles>): Promise<void> {
    this.#candidate = { state: 'reading', source };
    try {
      const read = await files();
      const { lessons } = (await import('../../lessons/pack/pack.ts')).readPack(read);
      this.#candidate = { state: 'ready', pack: { id: idOf(source), source, added: Date.now(), lessons } };
    } catch (error) {
      const problems = error instanceof LessonError ? error.problems : [];
      const message =
        problems.length > 0
          ? 'Its lessons are not in the format that Drydock reads:'
          : error instanceof PackError
            ? error.message
            : `The pack could not be read: ${(error as Error).message}`;
      this.#candidate = { state: 'refused', source, message, problems };
    }
  }
}

/** Fetches a zip, as far as a pack may be large. */
async function download(url: string): Promise<Blob> {
  const address = addressOf(url);
  const response = await fetch(address, { credentials: 'omit' }).catch((cause: unknown) => {
    throw new PackError(
      `${address.host} could not be reached, or does not let other sites fetch the pack (CORS). Download it and drop it on this page.`,
      { cause },
    );
  });
  if (!response.ok) throw new PackError(`${address.host} answered ${response.status} for the pack.`);
  const tooLarge = new PackError(
    `The file is larger than the ${PACK_LIMITS.zip / 1e6} MB that a pack may have.`,
  );
  if (Number(response.headers.get('content-length') ?? 0) > PACK_LIMITS.zip) throw tooLarge;
  const pieces = await readPieces(response.body, PACK_LIMITS.zip);
  if (!pieces) throw tooLarge;
  return new Blob(pieces);
}

function addressOf(url: string): URL {
  try {
    const address = new URL(url, window.location.href);
    if (/^https?:$/.test(address.protocol)) return address;
  } catch {
    // No address at all.
  }
  throw new PackError('The address of the pack must begin with https://');
}

/** The last part of a name or address, as an id. */
function idOf(source: string): string {
  const name =
    source
      .replace(/[?#].*$/, '')
      .split('/')
      .filter(Boolean)
      .at(-1) ?? '';
  return identifierOf(name.replace(/\.zip$/i, '')) || 'pack';
}

export const packLibrary = new PackLibrary();
