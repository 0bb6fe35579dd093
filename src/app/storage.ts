/**
 * JSON in the browser's local storage, under Drydock's own prefix. Storage may be blocked, full or hold what
 * an older version wrote: reading then gives nothing, writing does nothing, and the app goes on.
 */

const PREFIX = 'drydock:';

/** What is stored under `key`, for the caller to validate; undefined if that is nothing or unreadable. */
export function readStored(key: string): unknown {
  try {
    const text = localStorage.getItem(PREFIX + key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
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
