/**
 * `npm start`: from a fresh clone to the running app. Plain JavaScript without dependencies, since the first
 * thing it does is to install them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Drydock needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

const run = (program, parameters) => {
  const { status, error } = spawnSync(program, parameters, { cwd: root, stdio: 'inherit' });
  if (error) console.error(`${program}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
};

/** npm's own record of what it installed; older than the lock file after an update of the checkout. */
const installed = `${root}node_modules/.package-lock.json`;
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(`${root}package-lock.json`).mtimeMs) {
  console.log('Installing npm packages …');
  run('npm', ['ci', '--no-audit', '--no-fund']);
}
run(process.execPath, ['--import', 'tsx', `${root}bin/serve.ts`, ...process.argv.slice(2)]);
