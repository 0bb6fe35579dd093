/**
 * What the browser says of its storage for this site. Only a page can ask for `persist`, not a worker; without it the
 * browser may forget everything when the disk fills (https://storage.spec.whatwg.org/#persistence).
 */

export interface StorageFigures {
  usedBytes: number;
  /** What the browser lets this site use in all. */
  quotaBytes: number;
  /** `persistent`: only the user can clear it; `best-effort`: the browser may when space is short. */
  keeping: 'persistent' | 'best-effort';
}

class BrowserStorage {
  /** Undefined where the browser does not say. */
  figures = $state.raw<StorageFigures>();

  /** Reads the figures anew. Never rejects. */
  async read(): Promise<void> {
    // The types promise a storage manager; a page without HTTPS has none.
    const storage = navigator.storage as StorageManager | undefined;
    if (!storage) return;
    try {
      const [{ usage = 0, quota = 0 }, persistent] = await Promise.all([
        storage.estimate(),
        storage.persisted(),
      ]);
      const keeping = persistent ? 'persistent' : 'best-effort';
      this.figures = { usedBytes: usage, quotaBytes: quota, keeping };
    } catch {
      this.figures = undefined;
    }
  }

  /** Asks the browser not to clear what is kept, unless it has agreed already. Never rejects. */
  async askToPersist(): Promise<void> {
    await this.read();
    if (this.figures?.keeping !== 'best-effort') return;
    await navigator.storage.persist().catch(() => false);
    await this.read();
  }
}

export const browserStorage = new BrowserStorage();
