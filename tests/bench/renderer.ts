/** Memory and processor time of the browser's processes that run our page, read from Linux's /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of `/proc/PID/stat`: USER_HZ, which is 100 on all of Linux's architectures that Chromium runs on (proc(5)). */
const TICKS_PER_SECOND = 100;

/** The highest peak of resident memory among our renderer processes, in bytes. */
export function peakRendererBytes(): number {
  return Math.max(0, ...ourRenderers().map(({ peakBytes }) => peakBytes));
}

/** Processor time that our renderer processes have used so far, in seconds. */
export function rendererSeconds(): number {
  return ourRenderers().reduce((sum, { seconds }) => sum + seconds, 0);
}

interface Renderer {
  peakBytes: number;
  seconds: number;
}

function ourRenderers(): Renderer[] {
  const parents = new Map<number, number>();
  const renderers = new Map<number, Renderer>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const file = (path: string): string => readFileSync(`/proc/${name}/${path}`, 'utf8');
    try {
      const status = file('status');
      parents.set(Number(name), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
      if (!file('cmdline').includes('--type=renderer')) continue;
      // Behind the name in parentheses: utime and stime are fields 14 and 15 of all.
      const fields = file('stat')
        .replace(/^.*\) /s, '')
        .split(' ');
      renderers.set(Number(name), {
        peakBytes: Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024,
        seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      });
    } catch {
      // The process has ended.
    }
  }
  const isOurs = (id: number | undefined): boolean =>
    id !== undefined && (id === process.pid || isOurs(parents.get(id)));
  return [...renderers].filter(([id]) => isOurs(id)).map(([, renderer]) => renderer);
}
