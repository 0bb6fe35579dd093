/**
 * `npm run bench [-- --json] [-- --qemu]`: what a visitor waits for, measured in headless Chromium on the
 * built app. `--qemu` adds the same commands on qemu-system-i386 as a ratio; it needs Debian's
 * qemu-system-x86. Run it on a quiet computer: the emulator and its compiler use two cores.
 */
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { buildImage } from '../../images/build.ts';
import { serveApp } from '../served-app.ts';
import { measureBrowser } from './browser.ts';
import type { Metric, Report } from './metric.ts';
import { measureQemu } from './qemu.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, qemu: { type: 'boolean', default: false } },
});

const app = await serveApp(await buildImage());
const { browser, metrics } = await measureBrowser(app);
await app.close();
const baseline = values.qemu ? await measureQemu() : new Map<string, number>();
for (const metric of metrics) {
  const seconds = baseline.get(metric.id);
  if (seconds !== undefined && metric.seconds !== null)
    metric.qemuRatio = Number((metric.seconds / seconds).toFixed(2));
}
const [cpu] = cpus();
const machine = `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
const report: Report = { machine, browser, metrics };
console.log(values.json ? JSON.stringify(report, null, 2) : table(report));

function table({ machine, browser, metrics }: Report): string {
  const cells = (metric: Metric): string[] => [
    metric.title,
    metric.bytes === null ? '' : `${(metric.bytes / 1e6).toFixed(1)} MB`,
    metric.seconds === null ? '' : `${metric.seconds.toFixed(2)} s`,
    metric.instructions === null ? '' : `${Math.round(metric.instructions / 1e6)} Mi`,
    metric.qemuRatio === null ? '' : `${metric.qemuRatio} × qemu`,
    metric.goal ?? '',
  ];
  const rows = [['', 'bytes', 'seconds', 'instructions', 'baseline', 'goal'], ...metrics.map(cells)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: string[]): string => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ');
  return [`${machine}, ${browser}`, ...rows.map(line)].join('\n');
}
