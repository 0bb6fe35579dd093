/**
 * `npm run bench [-- --json] [-- --qemu]`: what a visitor waits for, measured in headless Chromium on the
 * built app. `--qemu` adds the same commands on qemu-system-i386 as a ratio; it needs Debian's
 * qemu-system-x86. Run it on a quiet computer: the emulator and its compiler use two cores.
 */
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { buildImage } from '../../images/build.ts';
import { installPackages, missingPackages } from '../../images/host/debian-packages.ts';
import { serveApp } from '../served-app.ts';
import { measureBrowser } from './browser.ts';
import { withNulls, type Metric, type Report } from './metric.ts';
import { measureQemu } from './qemu.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, qemu: { type: 'boolean', default: false } },
});
const report = (doing: string): void => {
  process.stderr.write(`${doing}\n`);
};

if (values.qemu) await installPackages(missingPackages({ 'qemu-system-i386': 'qemu-system-x86' }), report);
const app = await serveApp(await buildImage());
const { browser, metrics } = await measureBrowser(app, report);
await app.close();
const baseline = values.qemu ? await measureQemu(report) : new Map<string, number>();
/** The figures of the first bench of this repository: bytes or seconds by metric. */
const first = JSON.parse(readFileSync(new URL('first.json', import.meta.url), 'utf8')) as Record<
  string,
  number
>;
for (const metric of metrics) {
  const { id, seconds, bytes } = metric;
  const qemu = baseline.get(id);
  if (qemu !== undefined && seconds !== undefined) metric.qemuRatio = seconds / qemu;
  if (first[id] !== undefined) metric.firstRatio = (seconds ?? bytes ?? NaN) / first[id];
}
const [cpu] = cpus();
const machine = `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
const result: Report = { machine, browser, metrics };
console.log(
  values.json ? JSON.stringify({ ...result, metrics: metrics.map(withNulls) }, null, 2) : table(result),
);

function table({ machine, browser, metrics }: Report): string {
  const cells = ({ title, goal, bytes, seconds, instructions, qemuRatio, firstRatio }: Metric): string[] => [
    title,
    goal ?? '',
    bytes === undefined ? '' : `${(bytes / 1e6).toFixed(1)} MB`,
    seconds === undefined ? '' : `${seconds.toFixed(2)} s`,
    instructions === undefined ? '' : `${Math.round(instructions / 1e6)} Mi`,
    qemuRatio === undefined ? '' : qemuRatio.toFixed(2),
    firstRatio === undefined ? '' : firstRatio.toFixed(2),
  ];
  const rows = [['', 'goal', 'bytes', 'seconds', 'instructions', '× qemu', '× first'], ...metrics.map(cells)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: string[]): string =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [`${machine}, ${browser}`, ...rows.map(line)].join('\n');
}
