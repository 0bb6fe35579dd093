/** The emulator that snapshots are made with: it compiles what a visitor's would still interpret for a while. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shippedCore, tune } from '../engine.ts';
import { beside, step } from '../pipeline/step.ts';
import { TABLE_FUNCTIONS } from '../../worker/vm/compiled-code.ts';

const THRESHOLD = 1_000_000;

export const eagerEngine = step({
  name: 'eager-engine',
  title: 'Tuning the emulator of the snapshots',
  seconds: 1,
  source: import.meta.url,
  files: [
    shippedCore,
    beside(import.meta.url, '../engine.ts'),
    beside(import.meta.url, '../../worker/vm/wasm-binary.ts'),
  ],
  settings: [String(TABLE_FUNCTIONS)],
  needs: {},
  run({ output }) {
    writeFileSync(join(output, 'v86.wasm'), tune(readFileSync(shippedCore), THRESHOLD));
    return Promise.resolve();
  },
});
