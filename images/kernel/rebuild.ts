/**
 * `npm run image:kernel`: compiles the kernel from Debian's source package and puts bzImage, the full
 * configuration and the lock into the repository. 10 to 19 minutes on two cores.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages, missingPackages } from '../host/debian-packages.ts';
import { command } from '../pipeline/command.ts';
import { beside } from '../pipeline/step.ts';
import { MIRROR } from '../rootfs/debian.ts';
import { bzImage, bzImageHash, configurationHash, writeLock } from './lock.ts';

const SOURCE_PACKAGE = 'linux-source-6.12';
const COMPILERS = {
  gcc: 'gcc',
  make: 'make',
  flex: 'flex',
  bison: 'bison',
  bc: 'bc',
  xz: 'xz-utils',
  cpio: 'cpio',
  patch: 'patch',
};
const report = (line: string): void => {
  console.log(line);
};

const work = mkdtempSync(join(tmpdir(), 'drydock-kernel-'));
try {
  await installPackages([...missingPackages(COMPILERS), 'libelf-dev', 'libssl-dev'], report);
  await downloadSource();
  const [deb = ''] = readdirSync(work).filter((file) => file.endsWith('.deb'));
  await command('dpkg-deb', ['-x', join(work, deb), join(work, 'package')]);
  const tree = join(work, 'linux');
  mkdirSync(tree);
  await command('tar', [
    '-C',
    tree,
    '--strip-components=1',
    '-xJf',
    join(work, 'package/usr/src', `${SOURCE_PACKAGE}.tar.xz`),
  ]);
  await command(beside(import.meta.url, 'build.sh'), [tree, join(work, 'out')], { onLine: report });
  copyFileSync(join(work, 'out/bzImage'), bzImage);
  copyFileSync(join(work, 'out/config'), beside(import.meta.url, 'config'));
  writeLock({
    source: deb.split('_').slice(0, 2).join(' '),
    compiler: spawnSync('gcc', ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? '',
    configuration: configurationHash(),
    bzImage: bzImageHash(),
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Fetches the source package with an apt configuration of its own: the host may be another release of Debian. */
async function downloadSource(): Promise<void> {
  for (const folder of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(work, folder), { recursive: true });
  writeFileSync(join(work, 'sources.list'), `deb ${MIRROR} trixie main\n`);
  writeFileSync(
    join(work, 'apt.conf'),
    `Dir::Etc::SourceList "${work}/sources.list";\nDir::Etc::SourceParts "/dev/null";\n` +
      `Dir::State "${work}";\nDir::State::status "/dev/null";\nDir::Cache "${work}/cache";\n`,
  );
  const options = { env: { APT_CONFIG: join(work, 'apt.conf') }, cwd: work, onLine: report };
  await command('apt-get', ['update'], options);
  await command('apt-get', ['download', SOURCE_PACKAGE], options);
}
