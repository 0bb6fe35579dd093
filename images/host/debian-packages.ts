/**
 * What the build needs from the host, as Debian packages. Missing ones are installed where that is
 * possible (a Debian host and root); otherwise the one command that installs them is printed.
 */
import { existsSync } from 'node:fs';
import { command } from '../pipeline/command.ts';

/** A program and the Debian package that has it. */
const PROGRAMS: Record<string, string> = {
  mmdebstrap: 'mmdebstrap',
  'arch-test': 'arch-test',
  mke2fs: 'e2fsprogs',
  zstd: 'zstd',
  tar: 'tar',
  openssl: 'openssl',
};

/** Needed on hosts that are no Debian, where apt does not trust Debian's keys by itself. */
const KEYRING = { file: '/usr/share/keyrings/debian-archive-keyring.gpg', package: 'debian-archive-keyring' };

const onPath = (program: string): boolean =>
  ['/usr/sbin', '/sbin', ...(process.env.PATH ?? '').split(':')].some((folder) =>
    existsSync(`${folder}/${program}`),
  );

/** Packages that are missing here for a build, those of `extra` programs included. */
export function missingPackages(extra: Record<string, string> = {}): string[] {
  const packages = Object.entries({ ...PROGRAMS, ...extra })
    .filter(([program]) => !onPath(program))
    .map(([, name]) => name);
  if (!existsSync(KEYRING.file)) packages.push(KEYRING.package);
  return packages;
}

/**
 * Installs `packages`.
 * @throws Error with the command to run, where this process may not or cannot
 */
export async function installPackages(packages: string[], report: (line: string) => void): Promise<void> {
  if (packages.length === 0) return;
  const line = `apt-get install --no-install-recommends ${packages.join(' ')}`;
  if (!onPath('apt-get')) {
    throw new Error(
      `The build needs Debian's tools (${packages.join(', ')}), and this host has no apt-get. Run it in a Debian container:\n` +
        `  docker run --rm -it -v "$PWD":/drydock -w /drydock -p 5173:5173 node:22-trixie npm start -- --host`,
    );
  }
  if (process.getuid?.() !== 0)
    throw new Error(`Missing on this host: ${packages.join(', ')}. Please run:\n  sudo ${line}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  report('apt-get update');
  await command('apt-get', ['update'], { env, onLine: report });
  await command('apt-get', ['install', '--yes', '--no-install-recommends', ...packages], {
    env,
    onLine: report,
  });
}
