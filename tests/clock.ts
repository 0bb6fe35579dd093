/**
 * How far the clock of a guest is off, in milliseconds: 0 when it shows a time at which it was being asked, however long
 * that took.
 *
 * @param sh runs a script in the guest and resolves with its trimmed standard output
 */
export async function clockError(sh: (script: string) => Promise<string>): Promise<number> {
  const before = Date.now();
  const shown = Number(await sh('date +%s%3N'));
  return Math.max(before - shown, shown - Date.now(), 0);
}
