/**
 * JSON in the browser's local storage, under Drydock's own prefix. Storage may be blocked, full or hold what
 * an older version wrote: reading then gives the default, writing does nothing, and the app goes on.
 */

const PREFIX = 'drydock:';

/** What is stored under `key` if `fits` accepts it, else `otherwise`. */
export function readStored<T>(key: string, fits: (value: unknown) => value is T, otherwise: T): T {
  try {
    const text = localStorage.getItem(PREFIX + key);
    const value: unknown = text === null ? undefined : JSON.parse(text);
    return fits(value) ? value : otherwise;
  } catch {
    return otherwise;
  }
}

/** Stores `value`, if the browser lets us. */
export function writeStored(key: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Blocked or full: what it would keep is a convenience.
  }
}
