/** Memory of the browser's processes that run our page, read from Linux's /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** The highest peak of resident memory among our renderer processes, in bytes. */
export function peakRendererBytes(): number {
  const parents = new Map<number, number>();
  const peaks = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const file = (path: string): string => readFileSync(`/proc/${name}/${path}`, 'utf8');
    try {
      const status = file('status');
      parents.set(Number(name), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
      if (file('cmdline').includes('--type=renderer'))
        peaks.set(Number(name), Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
    } catch {
      // The process has ended.
    }
  }
  const isOurs = (id: number | undefined): boolean =>
    id !== undefined && (id === process.pid || isOurs(parents.get(id)));
  return Math.max(0, ...[...peaks].filter(([id]) => isOurs(id)).map(([, bytes]) => bytes));
}
