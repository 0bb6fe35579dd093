/**
 * The disk image: the root file system with our files laid over it, as ext4 without a partition table.
 * `mke2fs -d` fills it, so nothing is mounted. Owner, time stamps, UUID and hash seed are fixed: the same
 * packages give the same image.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { asRoot } from '../host/fakeroot.ts';
import { REGISTRY_NAMES } from '../../worker/hub/host-names.ts';
import { beside, step } from '../pipeline/step.ts';
import { rootfs } from './bootstrap.ts';
import { installCertificate } from './certificate.ts';
import { SOURCE_DATE_EPOCH } from './debian.ts';

/** Size of the disk. Blocks that were never written cost nothing. */
export const DISK_BYTES = 3 * 2 ** 30;

const UUID = '6472796b-6f63-4b00-8000-000000000001';

const MKE2FS_OPTIONS = [
  ['-q', '-t', 'ext4', '-m', '0', '-U', UUID, '-J', 'size=16'],
  ['-E', `lazy_itable_init=0,lazy_journal_init=0,hash_seed=${UUID}`],
  // An older mke2fs would not know the last; the checksums cost 12 Mi per container, and each chunk has a hash already.
  ['-O', '^metadata_csum,^metadata_csum_seed,^orphan_file'],
].flat();

const filesFolder = beside(import.meta.url, 'files');
const unitsFile = beside(import.meta.url, 'units.txt');

export const disk = step({
  name: 'disk',
  title: 'Making the disk image',
  seconds: 30,
  source: import.meta.url,
  files: [filesFolder, unitsFile, beside(import.meta.url, 'certificate.ts')],
  settings: [String(DISK_BYTES), ...REGISTRY_NAMES],
  needs: { rootfs },
  async run({ output, needs, report }) {
    const work = mkdtempSync(join(tmpdir(), 'drydock-root-'));
    const root = join(work, 'root');
    const owners = join(work, 'owners');
    mkdirSync(root);
    // mke2fs dates the file system with it.
    process.env.E2FSPROGS_FAKE_TIME = SOURCE_DATE_EPOCH;
    try {
      report('unpacking');
      const tar = join(needs.rootfs, 'rootfs.tar');
      const left = NOT_UNPACKED.map((pattern) => `--exclude=${pattern}`);
      await asRoot(owners, 'tar', ['-C', root, '--numeric-owner', ...left, '-xf', tar]);
      mkdirSync(join(output, 'firmware'));
      for (const file of ['bios.bin', 'vgabios-stdvga.bin']) {
        cpSync(join(root, 'usr/share/seabios', file), join(output, 'firmware', file));
      }
      const links = unitLinks();
      // Through asRoot, as all that goes: fakeroot knows files by their numbers, and a new one may get a gone one's.
      const gone = [...NOT_KEPT, ...links.map(({ path }) => path)].map((path) => join(root, path));
      await asRoot(owners, 'rm', ['-rf', ...gone]);
      await asRoot(owners, 'cp', ['-R', '-P', '--preserve=mode', `${filesFolder}/.`, root]);
      await asRoot(owners, 'chmod', ['700', join(root, 'root')]);
      writeOwnFiles(root);
      await installCertificate(root, work);
      for (const { path, target } of links) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        symlinkSync(target, join(root, path));
      }
      report('writing ext4');
      const image = join(output, 'disk.img');
      writeFileSync(image, '');
      truncateSync(image, DISK_BYTES);
      await asRoot(owners, 'mke2fs', [...MKE2FS_OPTIONS, '-d', root, image]);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  },
});

/** The keys would be the same on every machine. */
const NOT_UNPACKED = ['./dev/*', './etc/ssh/ssh_host_*'];

/** Their content in a package is for machines with a network or a history. */
const NOT_KEPT = [
  'etc/resolv.conf',
  'etc/ssl/certs',
  'var/cache/apt/archives',
  'var/lib/apt/lists',
  'var/log/apt',
  'usr/share/seabios',
];

function writeOwnFiles(root: string): void {
  for (const path of ['var/cache/apt/archives/partial', 'var/lib/apt/lists/partial'])
    mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, 'etc/machine-id'), '8d1c1f6c2a7b4e0f9b6d5a4c3e2f1a0b\n');
  // systemd's "is /etc newer than at the last boot" services have nothing to do.
  for (const path of ['etc/.updated', 'var/.updated']) writeFileSync(join(root, path), '');
  const shadow = join(root, 'etc/shadow');
  writeFileSync(shadow, readFileSync(shadow, 'utf8').replace(/^root:[^:]*:/m, 'root::'));
}

interface Link {
  path: string;
  target: string;
}

/** units.txt as links such as `systemctl enable` and `mask` make; one to /dev/null among a target's takes it out. */
function unitLinks(): Link[] {
  const folder = 'etc/systemd/system';
  const links: Link[] = [];
  for (const line of readFileSync(unitsFile, 'utf8').split('\n')) {
    const [action, unit, target] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (!action || !unit) continue;
    if (action === 'mask') {
      links.push({ path: join(folder, unit), target: '/dev/null' });
    } else if ((action === 'enable' || action === 'demand') && target) {
      const path = join(folder, `${target}.wants`, unit);
      links.push({ path, target: action === 'enable' ? unitFile(unit) : '/dev/null' });
    } else {
      throw new Error(`units.txt: cannot read "${line}"`);
    }
  }
  return links;
}

/** Where the file of a unit lies in the machine. */
function unitFile(unit: string): string {
  const folder = unit.startsWith('drydock-') ? '/etc' : '/usr/lib';
  return `${folder}/systemd/system/${unit.replace(/@.*\./, '@.')}`;
}
