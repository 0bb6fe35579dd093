/** That a session is open in one tab only, by Web Locks (https://w3c.github.io/web-locks/): they end with their tab. */

export class SessionLock {
  readonly #release: () => void;

  private constructor(release: () => void) {
    this.#release = release;
  }

  /**
   * @param onLost told when another tab takes the lock over
   * @returns undefined if another tab has it
   */
  static take(
    id: string,
    how: 'if-free' | 'take-over',
    onLost: () => void = () => undefined,
  ): Promise<SessionLock | undefined> {
    // The types promise locks; a page without HTTPS has none, and every tab must look after itself.
    const locks = navigator.locks as LockManager | undefined;
    if (!locks) return Promise.resolve(new SessionLock(() => undefined));
    return new Promise((resolve, reject) => {
      let state: 'asked' | 'held' | 'released' = 'asked';
      const options = how === 'take-over' ? { steal: true } : { ifAvailable: true };
      locks
        .request(`drydock-session-${id}`, options, (lock) => {
          if (!lock) {
            resolve(undefined);
            return undefined;
          }
          state = 'held';
          return new Promise<void>((end) => {
            const release = (): void => {
              state = 'released';
              end();
            };
            resolve(new SessionLock(release));
          });
        })
        .catch((error: unknown) => {
          if (state === 'held') onLost();
          // A browser that keeps nothing for the page has none either, and no other tab sees its sessions.
          else if (error instanceof Error && error.name === 'SecurityError')
            resolve(new SessionLock(() => undefined));
          else reject(error instanceof Error ? error : new Error(String(error)));
        });
    });
  }

  release(): void {
    this.#release();
  }
}
