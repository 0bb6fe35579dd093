/**
 * The hub's images, as the page sees them. Like the machine's session it outlives the page that shows it: downloads
 * go on when the user leaves. Components read `state` and `transfers`; all that changes the hub goes through here.
 */
import { proxy } from 'comlink';
import { toast } from 'svelte-sonner';
import { asDrydockError } from '../../worker/error.ts';
import type { HubListing, OfflineSet } from '../../worker/hub-host.ts';
import type { ImageSettings } from '../../worker/hub/image-settings.ts';
import type { KeptShare } from '../../worker/kept-files.ts';
import { familiarName, withReference } from '../../worker/hub/names.ts';
import type { OnProgress } from '../../worker/tasks.ts';
import { currentLocation } from '../app/location.svelte.ts';
import { releaseUrl } from '../machine/release-facts.ts';
import { saveFile } from '../ui/save-file.ts';
import { session } from '../machine/session.svelte.ts';
import { archiveName, nameOfArchive } from './archive-name.ts';
import { HubClient } from './hub-client.ts';
import { browserStorage } from './browser-storage.svelte.ts';
import { sameSet, Transfer, type TransferKind } from './transfer.svelte.ts';

export type HubState =
  { phase: 'opening' } | { phase: 'open'; listing: HubListing } | { phase: 'failed'; error: Error };

/** How often a page in view looks whether the machine has pushed something, in milliseconds. */
const LOOK_MILLISECONDS = 4000;

/** A pushed image, or with no reference a whole repository, that the user wants to delete. */
export interface Deletion {
  repository: string;
  reference: string | undefined;
}

class ImageHub {
  #state = $state.raw<HubState>({ phase: 'opening' });
  #transfers = $state.raw<readonly Transfer[]>([]);
  #client: HubClient | undefined;
  #nextId = 1;
  /** Ends when all that is to be kept is kept: one download at a time, so that none is fetched twice. */
  #keeping: Promise<unknown> = Promise.resolve();
  /** What is searched for; kept while the user looks at one image. */
  query = $state('');
  /** The image whose page was looked at last, so that the list can be taken up where it was left. */
  lastShown: string | undefined;
  /** What the dialog asks about. */
  deletion = $state.raw<Deletion>();

  get state(): HubState {
    return this.#state;
  }

  get listing(): HubListing | undefined {
    return this.#state.phase === 'open' ? this.#state.listing : undefined;
  }

  /** The newest first. */
  get transfers(): readonly Transfer[] {
    return this.#transfers;
  }

  /** The download that makes `set` available offline, if there is one under way. */
  keepingOf(set: OfflineSet): Transfer | undefined {
    return this.#transfers.find(
      ({ what, underWay }) =>
        underWay &&
        what.kind === 'keep' &&
        (sameSet(what.set, set) ||
          (what.set.of === 'everything' && ['repository', 'image'].includes(set.of))),
    );
  }

  /** Follows the hub as long as a page shows it; returns what ends that. */
  follow(): () => void {
    if (this.#state.phase === 'failed') this.reopen();
    else void this.refresh();
    const look = (): void => {
      if (document.visibilityState === 'visible') void this.refresh();
    };
    const timer = setInterval(() => {
      if (session.phase === 'running') look();
    }, LOOK_MILLISECONDS);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }

  /** Opens the hub anew after it could not be opened or read. */
  reopen(): void {
    this.#client?.terminate();
    this.#client = undefined;
    this.#state = { phase: 'opening' };
    void this.refresh();
  }

  /** Reads the list again. Failures are found in `state`. */
  async refresh(): Promise<void> {
    const client = this.#open();
    void browserStorage.read();
    try {
      const listing = await client.call((hub) => hub.list());
      if (client === this.#client) this.#state = { phase: 'open', listing };
    } catch (thrown) {
      if (client === this.#client) this.#fail(thrown);
    }
  }

  /** How much of several sets is kept, in their order; undefined if that cannot be known. Never rejects. */
  shares(sets: readonly OfflineSet[]): Promise<KeptShare[] | undefined> {
    return this.#open()
      .call((hub) => hub.shares(sets))
      .catch(() => undefined);
  }

  /** @throws like `LocalHub.settings` */
  settings(digest: string): Promise<ImageSettings> {
    return this.#open().call((hub) => hub.settings(digest));
  }

  /** Makes images, or the machine, available offline. */
  keep(set: OfflineSet, subject: string): void {
    this.#begin({ kind: 'keep', set }, subject);
  }

  /** Saves an image as a file of the user's. */
  save(repository: string, reference: string, bytes: number): void {
    const subject = withReference(familiarName(repository), reference);
    this.#begin({ kind: 'export', repository, reference, bytes }, subject);
  }

  /** Takes archives in, under their own names or one that is given. */
  add(archives: Iterable<File>, as?: string): void {
    for (const archive of archives) this.#begin({ kind: 'import', archive, as }, archive.name);
  }

  /** Cancels a transfer, or puts away one that has ended. */
  dismiss(transfer: Transfer): void {
    this.#transfers = this.#transfers.filter((each) => each !== transfer);
    if (transfer.underWay) void this.#client?.call((hub) => hub.cancel(transfer.id)).catch(() => undefined);
  }

  /** Begins a failed transfer again. */
  retry(transfer: Transfer): void {
    this.dismiss(transfer);
    this.#begin(transfer.what, transfer.subject);
  }

  /** Removes images, or the machine, from offline use. @throws like `LocalHub.drop` */
  async drop(set: OfflineSet, subject: string): Promise<void> {
    const result = await this.#open().call((hub) => hub.drop(set));
    if (result === 'needed')
      toast.info(`${subject} stays available: other images that are kept offline are built on it`);
    await this.refresh();
  }

  /** Deletes what was pushed. @throws what the store throws */
  async remove({ repository, reference }: Deletion): Promise<void> {
    await this.#open().call((hub) => hub.remove(repository, reference));
    await this.refresh();
  }

  #open(): HubClient {
    const client: HubClient = (this.#client ??= new HubClient(
      releaseUrl(),
      session.current.profile,
      (error) => {
        if (client === this.#client) this.#fail(error);
      },
    ));
    return client;
  }

  #fail(thrown: unknown): void {
    this.#client?.terminate();
    this.#client = undefined;
    this.#state = {
      phase: 'failed',
      error: asDrydockError(thrown, 'internal', 'The hub failed.'),
    };
  }

  #begin(what: TransferKind, subject: string): void {
    const transfer = new Transfer(this.#nextId++, what, subject);
    this.#transfers = [transfer, ...this.#transfers];
    const run = (): Promise<void> => this.#run(transfer);
    if (what.kind === 'keep') this.#keeping = this.#keeping.then(run);
    else void run();
  }

  /** Never rejects. */
  async #run(transfer: Transfer): Promise<void> {
    if (!this.#has(transfer)) return;
    transfer.state = { phase: 'running', progress: { loadedBytes: 0, totalBytes: 0 } };
    try {
      await this.#move(transfer);
    } catch (thrown) {
      if (this.#has(transfer)) {
        const error = asDrydockError(thrown, 'internal', 'A fault in Drydock ended it.');
        transfer.state = { phase: 'failed', error };
        if (!isHere()) toast.error(`${transfer.subject}: ${error.message}`);
      }
    }
    await this.refresh();
  }

  async #move(transfer: Transfer): Promise<void> {
    const { id, what, subject } = transfer;
    const client = this.#open();
    const progress = (): OnProgress =>
      proxy((progress) => {
        if (transfer.underWay) transfer.state = { phase: 'running', progress };
      });
    switch (what.kind) {
      case 'keep':
        await browserStorage.askToPersist();
        if (!this.#has(transfer)) return;
        await client.call((hub) => hub.keep(id, what.set, progress()));
        this.#end(transfer, `${subject} is available offline`);
        break;
      case 'export': {
        const { repository, reference, bytes } = what;
        const archive = await client.call((hub) => hub.export(id, repository, reference, bytes, progress()));
        if (!this.#has(transfer)) return;
        saveFile(archive, archiveName(repository, reference));
        this.#end(transfer, `${subject} is saved`);
        break;
      }
      case 'import': {
        const { archive, as } = what;
        const options = { as, name: nameOfArchive(archive.name) };
        const images = await client.call((hub) => hub.import(id, archive, options, progress()));
        transfer.state = { phase: 'imported', images };
        if (!isHere()) toast.success(`${subject} is in the hub`);
        break;
      }
    }
  }

  /** False once the user has cancelled it or put it away. */
  #has(transfer: Transfer): boolean {
    return this.#transfers.includes(transfer);
  }

  #end(transfer: Transfer, message: string): void {
    this.#transfers = this.#transfers.filter((each) => each !== transfer);
    toast.success(message);
  }
}

/** Whether the page on the screen shows the transfers. */
function isHere(): boolean {
  return ['images', 'image', 'add-images', 'offline'].includes(currentLocation.route.page);
}

export const imageHub = new ImageHub();
