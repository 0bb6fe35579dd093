/** All sessions that the browser keeps, for the pages that list them. */
import { toast } from 'svelte-sonner';
import { DrydockError } from '../../worker/error.ts';
import type { SessionListing } from '../../worker/keep/library.ts';
import type { SessionSummary } from '../../worker/keep/summary.ts';
import { currentLocation } from '../app/location.svelte.ts';
import { report } from '../machine/operations.ts';
import { session } from '../machine/session.svelte.ts';
import { saveFile } from '../ui/save-file.ts';
import { keeping } from './keeping.svelte.ts';
import { placeRoute } from './place.ts';

class SavedSessions {
  #listing = $state.raw<SessionListing>();

  /** Undefined until it has been read. */
  get listing(): SessionListing | undefined {
    return this.#listing;
  }

  /** Sessions in which something was done. */
  get worthwhile(): SessionSummary[] {
    return (this.#listing?.sessions ?? []).filter(
      ({ bytes, used, moments }) => bytes > 0 && (used > 0 || moments.length > 0),
    );
  }

  async read(): Promise<void> {
    this.#listing = await keeping.client.call((sessions) => sessions.list());
  }

  /** Opens a session in this tab, at its place; the one that is open is saved and closed. */
  async open({ id, place }: SessionSummary): Promise<void> {
    if (keeping.summary?.id !== id || session.phase === 'idle') {
      await keeping.close();
      keeping.wish(id);
    }
    currentLocation.go(placeRoute(place));
    session.start();
  }

  async rename({ id }: SessionSummary, name: string): Promise<void> {
    if (keeping.summary?.id === id) await keeping.rename(name);
    else await keeping.client.call((sessions) => sessions.rename(id, name));
    await this.read();
  }

  /** Deletes a session; a toast gives it back. */
  async delete({ id, name }: SessionSummary): Promise<void> {
    if (keeping.summary?.id === id) await keeping.close();
    await keeping.client.call((sessions) => sessions.delete(id));
    await this.read();
    toast(`“${name}” was deleted`, {
      description: 'Its storage is free soon after this message goes.',
      duration: 15_000,
      action: {
        label: 'Undo',
        onClick: () => {
          report(keeping.client.call((sessions) => sessions.restore(id)).then(() => this.read()));
        },
      },
    });
  }

  /** Hands the user a session as a file. The open one is saved first. */
  async export({ id, name }: SessionSummary): Promise<void> {
    if (keeping.summary?.id === id && session.isSettled) await keeping.save();
    const file = await keeping.client.call((sessions) => sessions.export(id)).catch(advise);
    saveFile(file, `${fileName(name)}.drydock`);
  }

  async duplicate({ id, name }: SessionSummary): Promise<void> {
    if (keeping.summary?.id === id && session.isSettled) await keeping.save();
    await keeping.client.call((sessions) => sessions.duplicate(id)).catch(advise);
    await this.read();
    toast.success(`“${name}” was copied`, { description: 'The copy is the first in the list.' });
  }

  /** Adds the session of a file, or of one on the web. */
  async add(from: Blob | URL): Promise<void> {
    await keeping.client.call((sessions) =>
      from instanceof URL ? sessions.fetch(from.href) : sessions.import(from),
    );
    await this.read();
  }

  /** Removes a session that cannot be read. */
  async destroy(id: string): Promise<void> {
    await keeping.client.call((sessions) => sessions.destroy(id));
    await this.read();
  }
}

/** What to do about a session that cannot be copied whole. */
function advise(error: unknown): never {
  if (!(error instanceof DrydockError) || error.code !== 'damaged-file') throw error;
  const text = `${error.message} Continue shows what can be had of it.`;
  throw new DrydockError(error.code, text, error.details, { cause: error });
}

function fileName(name: string): string {
  return name.replace(/[^\p{L}\p{N} ._-]/gu, '').trim() || 'session';
}

export const savedSessions = new SavedSessions();
