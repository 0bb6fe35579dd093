/**
 * One image of the catalogue as a step of the pipeline: mmdebstrap makes the workshop (see `recipe.ts`) as it makes the
 * machine's own root file system, and so wherever that works: as root, in a container that may not mount, or without
 * root. The image's layer is the difference between what is published of the workshop and of its base's.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asRoot } from '../host/fakeroot.ts';
import { i386Mode } from '../host/i386.ts';
import { command } from '../pipeline/command.ts';
import { beside, step, type Step } from '../pipeline/step.ts';
import { DPKG_OPTIONS, fromDebian, MIRROR, SOURCE_DATE_EPOCH, type Release } from '../rootfs/debian.ts';
import { writeLayer, type Layer } from './layer.ts';
import type { ImageRecipe } from './recipe.ts';
import { difference, published, readTree, type Entry, type Tree } from './tree.ts';

/** What an image step leaves. */
export const IMAGE_FILES = {
  /** `Layer` of the layer of its own, or `null` where it adds nothing to its base's. */
  layer: 'layer.json',
  content: 'layer.zst',
  /** Where others build on it: what is published, and the workshop. */
  tree: 'tree.json',
  workshop: 'workshop.tar',
  /** In the place of all others, where this host cannot make it: says why. */
  skipped: 'skipped.txt',
};

const appletsFile = beside(import.meta.url, 'applets.txt');

/** Never published: the host's own, logs, caches, and what would differ from build to build. */
const REMOVED = [
  ...['resolv.conf', 'hostname', 'hosts', 'passwd-', 'group-', 'shadow-', 'gshadow-'].map(
    (file) => `etc/${file}`,
  ),
  'etc/.pwd.lock',
  'var/log/*',
  ...['apt/archives/*', 'debconf/*-old', 'ldconfig/*'].map((file) => `var/cache/${file}`),
  ...['apt/lists/*', 'apt/extended_states', 'dpkg/*-old', 'dpkg/lock*', 'dpkg/triggers/Lock'].map(
    (file) => `var/lib/${file}`,
  ),
];

const ENVIRONMENT = { SOURCE_DATE_EPOCH, DEBIAN_FRONTEND: 'noninteractive' };

/** Of mmdebstrap; older releases of Debian do not bring the links from /bin to /usr/bin by themselves. */
const MERGED_USR = '/usr/share/mmdebstrap/hooks/merged-usr';

/** Whether the image, its base or what it copies runs a program of its own while it is made. */
export function needsChroot(image: ImageRecipe, images: Map<string, ImageRecipe>): boolean {
  const others = [
    ...image.copy.map((copy) => copy.image),
    ...(typeof image.base === 'string' ? [image.base] : []),
  ];
  return (
    image.run !== '' ||
    (typeof image.base === 'string' ? image.packages.length > 0 : image.base.tree !== 'unpacked') ||
    others.some((name) => {
      const other = images.get(name);
      return other !== undefined && needsChroot(other, images);
    })
  );
}

/** Whether the image's layer is in one that has a tag. */
function hasTag(image: ImageRecipe, images: Map<string, ImageRecipe>): boolean {
  return (
    Object.keys(image.tags).length > 0 ||
    [...images.values()].some(
      (other) => other.base === image.name && other.layer === 'difference' && hasTag(other, images),
    )
  );
}

/** Steps for `images`, by name. */
export function imageSteps(images: Map<string, ImageRecipe>): Map<string, Step> {
  const steps = new Map<string, Step>();
  for (const image of images.values()) steps.set(image.name, imageStep(image, images, steps));
  return steps;
}

function imageStep(image: ImageRecipe, images: Map<string, ImageRecipe>, steps: Map<string, Step>): Step {
  const { name, folder, base, copy, files } = image;
  const needed = [...(typeof base === 'string' ? [base] : []), ...copy.map((other) => other.image)];
  const hasFollowers = [...images.values()].some(
    (other) => other.base === name || other.copy.some((part) => part.image === name),
  );
  const needs = Object.fromEntries(
    needed.flatMap((other) => {
      const need = steps.get(other);
      return need ? [[other, need]] : [];
    }),
  );
  const chroot = needsChroot(image, images);
  const isPublished = hasTag(image, images);
  return step({
    name: `image-${name}`,
    title: `Image ${name}`,
    seconds: chroot ? 25 : 5,
    source: import.meta.url,
    files: [
      ...['tree.ts', 'layer.ts', '../rootfs/debian.ts'].map((file) => beside(import.meta.url, file)),
      ...(image.applets === undefined ? [] : [appletsFile]),
      ...files.map((path) => join(folder, path)),
    ],
    settings: [
      MIRROR,
      JSON.stringify(decisive(image)),
      hasFollowers ? 'followed' : 'last',
      isPublished ? 'published' : 'not published',
    ],
    needs,
    async run({ output, needs: outputs, report }) {
      if (chroot && i386Mode() === 'machine') {
        writeFileSync(join(output, IMAGE_FILES.skipped), 'This host cannot run i386 programs.\n');
        report(`left out: this host cannot run i386 programs`);
        return;
      }
      const workshop = join(output, IMAGE_FILES.workshop);
      await makeWorkshop(image, {
        release: releaseOf(image, images),
        place: chroot ? 'chroot' : 'chrootless',
        needs: outputs,
        output: workshop,
        report,
      });
      report('comparing with the base');
      const tree = await readPublished(image, workshop);
      const below: Tree =
        typeof base === 'string' && image.layer === 'difference'
          ? readJsonTree(outputs[base] ?? '')
          : new Map<string, Entry>();
      const change = difference(tree, below);
      const empty = change.write.size === 0 && change.gone.length === 0;
      report('writing the layer');
      const layer: Layer | null =
        empty || !isPublished
          ? null
          : await writeLayer(workshop, tree, change, join(output, IMAGE_FILES.content));
      writeFileSync(join(output, IMAGE_FILES.layer), JSON.stringify(layer));
      if (hasFollowers) writeFileSync(join(output, IMAGE_FILES.tree), JSON.stringify([...tree]));
      else rmSync(workshop);
    },
  });
}

/** What the image shows of the workshop in the tar file at `path`. */
async function readPublished(image: ImageRecipe, path: string): Promise<Tree> {
  const applets = image.applets === undefined ? [] : words(readFileSync(appletsFile, 'utf8'));
  return published(await readTree(path), { ...image, remove: [...REMOVED, ...image.remove] }, applets);
}

/** The tree that the step of a base has left in `folder`. */
function readJsonTree(folder: string): Tree {
  return new Map(JSON.parse(readFileSync(join(folder, IMAGE_FILES.tree), 'utf8')) as [string, Entry][]);
}

/** What of a recipe decides about the layer. */
function decisive(image: ImageRecipe): unknown[] {
  const { base, layer, prettyName, osId, packages, files, copy, run, drop, remove, applets } = image;
  return [base, layer, prettyName, osId, packages, files, copy, run, drop, remove, applets];
}

type FreshBase = Exclude<ImageRecipe['base'], string>;

/** The release of Debian that the lowest base is. */
function releaseOf({ base }: ImageRecipe, images: Map<string, ImageRecipe>): Release {
  if (typeof base !== 'string') return base.debian;
  const below = images.get(base);
  if (!below) throw new Error(`No recipe makes "${base}".`);
  return releaseOf(below, images);
}

interface Making {
  release: Release;
  /** Without a chroot no user namespace and no i386 is needed: fakeroot is enough for who is not root. */
  place: 'chroot' | 'chrootless';
  /** Folders of the steps that the image needs. */
  needs: Record<string, string>;
  output: string;
  report: (line: string) => void;
}

/** Makes the tree in which the image's packages are installed and its script has run, as the tar file `output`. */
async function makeWorkshop(image: ImageRecipe, making: Making): Promise<void> {
  const { release, place, needs, output, report } = making;
  const { base, packages } = image;
  const work = mkdtempSync(join(tmpdir(), 'drydock-image-'));
  try {
    const hooks = await workshopHooks(image, needs, work);
    await fromDebian(release, `Image "${image.name}"`, async (suite) => {
      const parameters = [
        ...['--arch=i386', '--format=tar', '--skip=output/dev,check/qemu'],
        '--aptopt=Apt::Install-Recommends "false"',
        ...(typeof base === 'string'
          ? followingOptions(packages, join(needs[base] ?? '', IMAGE_FILES.workshop), suite)
          : freshOptions(base, packages)),
        ...hooks,
        ...(typeof base === 'string' ? ['', output] : [suite, output, MIRROR]),
      ];
      if (place === 'chroot') await command('mmdebstrap', parameters, { env: ENVIRONMENT, onLine: report });
      else
        await asRoot(
          join(work, 'owners'),
          'env',
          [
            ...Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`),
            ...['mmdebstrap', '--mode=chrootless', ...parameters],
          ],
          report,
        );
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** mmdebstrap's options for a new tree. */
function freshOptions({ debian, tree }: FreshBase, packages: string[]): string[] {
  return [
    ...(tree === 'minbase'
      ? ['--variant=minbase', ...DPKG_OPTIONS.map((option) => `--dpkgopt=${option}`)]
      : ['--variant=extract']),
    ...(packages.length > 0 ? [`--include=${packages.join(',')}`] : []),
    ...(debian === 'bookworm' ? [`--hook-dir=${MERGED_USR}`] : []),
  ];
}

/** mmdebstrap's options for a tree that begins as the base's workshop. */
function followingOptions(packages: string[], workshop: string, suite: string): string[] {
  const start = ['--variant=custom', `--setup-hook=tar-in ${workshop} /`];
  if (packages.length === 0) return [...start, '--skip=update'];
  return [
    ...start,
    `--setup-hook=echo 'deb ${MIRROR} ${suite} main' > "$1/etc/apt/sources.list"`,
    `--customize-hook=chroot "$1" apt-get install --yes --no-install-recommends ${packages.join(' ')}`,
  ];
}

/** mmdebstrap's hooks that lay files into the tree and run the image's script. They may leave files in `work`. */
async function workshopHooks(
  image: ImageRecipe,
  needs: Record<string, string>,
  work: string,
): Promise<string[]> {
  const actions: string[] = [];
  for (const [i, part] of image.copy.entries()) {
    const tar = join(work, `copy-${i}.tar`);
    const include = part.paths.map((path) => `--path-include=${path}`).join(' ');
    const from = join(needs[part.image] ?? '', IMAGE_FILES.workshop);
    await command('sh', ['-c', `mmtarfilter --path-exclude='/*' ${include} < ${from} > ${tar}`]);
    actions.push(`tar-in ${tar} /`);
  }
  for (const [i, folder] of image.files.entries()) {
    const tar = join(work, `files-${i}.tar`);
    await packFiles(join(image.folder, folder), tar);
    actions.push(`tar-in ${tar} /`);
  }
  const identity = osRelease(image);
  if (identity) actions.push(identity);
  if (image.run) {
    const script = join(work, 'run.sh');
    writeFileSync(script, image.run);
    actions.push(`upload ${script} /run.sh`, 'chroot "$1" sh -eu /run.sh', 'rm "$1/run.sh"');
  }
  const unpacked = typeof image.base !== 'string' && image.base.tree === 'unpacked';
  return actions.map((action) => `--${unpacked ? 'extract' : 'customize'}-hook=${action}`);
}

/** Lays the files of a folder into a tar file, as root's. Folders are left out: those of the image stay as they are. */
function packFiles(folder: string, tar: string): Promise<void> {
  return command('sh', [
    '-c',
    `cd "$0" && find . ! -type d | LC_ALL=C sort | tar --format=pax --pax-option=delete=atime,delete=ctime --owner=0 --group=0 --numeric-owner --mode=u+rw,go=u-w --mtime=@${SOURCE_DATE_EPOCH} --no-recursion -T - -cf "$1"`,
    folder,
    tar,
  ]);
}

/** A command that has /etc/os-release say what the image is. */
function osRelease({ prettyName, osId }: ImageRecipe): string | undefined {
  if (prettyName === undefined) return undefined;
  const lines = [`PRETTY_NAME="${prettyName}"`, ...(osId === undefined ? [] : [`ID=${osId}`])];
  const keys = lines.map((line) => line.replace(/=.*/, '')).join('\\|');
  return [
    'mkdir -p "$1/usr/lib" "$1/etc"',
    'file="$1/usr/lib/os-release"',
    'touch "$file"',
    `sed -i '/^\\(${keys}\\)=/d' "$file"`,
    `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} >> "$file"`,
    'ln -sf ../usr/lib/os-release "$1/etc/os-release"',
  ].join(' && ');
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
