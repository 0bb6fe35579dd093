/**
 * The root file system as a tar file: Debian packages installed by mmdebstrap. Where this host cannot run
 * i386 programs at all, `unpack.ts` takes its place.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { i386Mode } from '../host/i386.ts';
import { command } from '../pipeline/command.ts';
import { beside, step } from '../pipeline/step.ts';
import { DPKG_OPTIONS, fromDebian, MIRROR, SOURCE_DATE_EPOCH } from './debian.ts';
import { unpackRootfs } from './unpack.ts';

const packagesFile = beside(import.meta.url, 'packages.txt');

/** Package names in packages.txt. */
export function packages(): string[] {
  return readFileSync(packagesFile, 'utf8').replace(/#.*/g, '').split(/\s+/).filter(Boolean);
}

export const rootfs = step({
  name: 'rootfs',
  title: 'Installing Debian packages (i386)',
  seconds: 420,
  source: import.meta.url,
  files: [packagesFile, beside(import.meta.url, 'debian.ts')],
  settings: [MIRROR],
  needs: {},
  async run({ output, report }) {
    const mode = i386Mode();
    const tar = join(output, 'rootfs.tar');
    await fromDebian('trixie', 'The root file system', (suite) =>
      mode === 'machine'
        ? unpackRootfs({ packages: packages(), suite, tar, report })
        : bootstrap(suite, tar, report),
    );
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
