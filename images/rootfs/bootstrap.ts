/**
 * The root file system as a tar file: Debian packages installed by mmdebstrap. Where this host cannot run
 * i386 programs at all, `unpack.ts` takes its place.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { i386Mode } from '../host/i386.ts';
import { command } from '../pipeline/command.ts';
import { beside, step } from '../pipeline/step.ts';
import { unpackRootfs } from './unpack.ts';

/** Debian mirror to install from. */
export const MIRROR = process.env.DRYDOCK_MIRROR ?? 'http://deb.debian.org/debian';

/**
 * Names of the release. They mean the same, but a mirror in the middle of its sync may serve one in a state
 * whose index and files do not fit ("unexpected size", "Hash Sum mismatch"); then the next is tried.
 */
export const SUITES = ['trixie', 'stable'];

/** 2026-01-01: time stamps that would else be the build's own. */
export const SOURCE_DATE_EPOCH = '1767225600';

const packagesFile = beside(import.meta.url, 'packages.txt');

/** Package names in packages.txt. */
export function packages(): string[] {
  return readFileSync(packagesFile, 'utf8').replace(/#.*/g, '').split(/\s+/).filter(Boolean);
}

const DPKG_OPTIONS = [
  // Nobody needs a half-made root file system after a power failure: do not wait for the disk.
  'force-unsafe-io',
  ...['man', 'locale', 'info', 'doc'].map((folder) => `path-exclude=/usr/share/${folder}/*`),
  'path-include=/usr/share/doc/*/copyright',
];

export const rootfs = step({
  name: 'rootfs',
  title: 'Installing Debian packages (i386)',
  seconds: 420,
  source: import.meta.url,
  files: [packagesFile],
  settings: [MIRROR],
  needs: {},
  async run({ output, report }) {
    const mode = i386Mode();
    const tar = join(output, 'rootfs.tar');
    const failures: string[] = [];
    for (const suite of SUITES) {
      try {
        await (mode === 'machine'
          ? unpackRootfs({
              packages: packages(),
              dpkgOptions: DPKG_OPTIONS,
              suite,
              mirror: MIRROR,
              tar,
              report,
            })
          : bootstrap(suite, tar, report));
        return;
      } catch (error) {
        failures.push((error as Error).message);
      }
    }
    throw new Error(`Debian's packages could not be installed from ${MIRROR}:\n${failures.join('\n')}`);
  },
});

function bootstrap(suite: string, tar: string, report: (line: string) => void): Promise<void> {
  return command(
    'mmdebstrap',
    [
      '--arch=i386',
      '--variant=minbase',
      '--format=tar',
      '--aptopt=Apt::Install-Recommends "false"',
      ...DPKG_OPTIONS.map((option) => `--dpkgopt=${option}`),
      `--include=${packages().join(',')}`,
      suite,
      tar,
      MIRROR,
    ],
    { env: { SOURCE_DATE_EPOCH }, onLine: report },
  );
}
