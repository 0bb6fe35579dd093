/** The part of a text that is another in the next one. What is before and after it stays, and with it the cursor. */
export interface MinimalChange {
  from: number;
  to: number;
  insert: string;
}

/** What makes `before` into `after`; undefined where they are the same. */
export function minimalChange(before: string, after: string): MinimalChange | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  let from = 0;
  while (from < shorter && before[from] === after[from]) from++;
  let end = 0;
  while (end < shorter - from && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) };
}
