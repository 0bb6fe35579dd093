/**
 * A release of the machine: the folder that the image pipeline writes and the app downloads from.
 * `manifest.json` names every other file with its size and hash; all but it are content-addressed
 * and never change. The schema is the edge: a manifest that does not fit it is refused whole.
 */
import { DrydockError } from '../error.ts';
import { releaseFile } from '../release-file.ts';
import { z } from '../schema.ts';
import { DEVICE_SET, V86_VERSION } from './emulator.ts';

/** Raised when the layout of a release changes so that older code cannot read it. */
export const RELEASE_FORMAT = 6;

/** A machine that was saved: all but the modules compressed with zstd. */
const savedState = z.strictObject({
  /** v86's own state, without the guest's memory. */
  devices: releaseFile,
  /** The guest's memory, in parts (see `memory.ts`). */
  memory: z.array(releaseFile).check(z.minLength(1)),
  /** What v86 knows of the guest code that it had compiled (see `compiled-code.ts`). */
  core: releaseFile,
  /** That code: a WebAssembly module. Servers compress it on its way, or all of it is downloaded. */
  modules: releaseFile,
});

const profile = z.strictObject({
  name: z.enum(['standard', 'small']),
  /** Guest memory. */
  memoryBytes: z.int().check(z.positive()),
  state: savedState,
  /** What the guest had written to its disk when the state was saved: 4 KiB blocks, zstd. */
  overlay: releaseFile,
  /** What each terminal showed when the state was saved, to be shown again after a restore. */
  consoles: z.tuple([z.string(), z.string(), z.string()]),
  /** Chunks of the disk that the first container needs, in one file, fetched in the background. */
  pack: releaseFile,
});

const manifestSchema = z.strictObject({
  format: z.literal(RELEASE_FORMAT),
  /** The v86 release and device set that the states fit. */
  v86: z.string(),
  devices: z.string(),
  /** Name of this build: a hash over everything in it. */
  build: z.string(),
  /** The emulator's WebAssembly core, compressed with zstd. */
  engine: releaseFile,
  disk: z.strictObject({
    bytes: z.int().check(z.positive()),
    chunkBytes: z.int().check(z.positive()),
    /** Of all chunks together, as they are stored. */
    storedBytes: z.int().check(z.positive()),
    /** The list of the chunks' names (see `chunks.ts`). */
    index: releaseFile,
  }),
  /** What a cold boot needs. */
  boot: z.strictObject({
    bios: releaseFile,
    vgaBios: releaseFile,
    kernel: releaseFile,
    commandLine: z.string(),
  }),
  profiles: z.array(profile).check(z.minLength(1)),
  /** The container images that the hub has (see `worker/hub/catalogue.ts`). */
  catalogue: releaseFile,
  /** Versions of the main programs inside, for the user: `docker`, `containerd`, `linux` … */
  software: z.record(z.string(), z.string()),
  /** Bytes of a first visit until the prompt, without the app itself. */
  firstVisitBytes: z.int().check(z.positive()),
});

export type SavedState = z.infer<typeof savedState>;
export type Profile = z.infer<typeof profile>;
export type Manifest = z.infer<typeof manifestSchema>;

/** The machine of a release that has `name`. @throws DrydockError `wrong-release` if it has none */
export function profileOf({ profiles }: Manifest, name: Profile['name']): Profile {
  const profile = profiles.find((one) => one.name === name);
  if (profile) return profile;
  throw new DrydockError('wrong-release', `This release has no "${name}" machine.`);
}

/**
 * Reads a manifest and checks that this code can run what it describes.
 * @throws DrydockError `damaged-file` for what is no manifest, `wrong-release` for one of another version
 */
export function parseManifest(text: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DrydockError(
      'damaged-file',
      'manifest.json is not JSON.',
      { path: 'manifest.json' },
      { cause },
    );
  }
  const format = z.looseObject({ format: z.number() }).safeParse(json);
  if (format.success && format.data.format !== RELEASE_FORMAT) {
    throw new DrydockError(
      'wrong-release',
      `The machine on the server has format ${format.data.format}; this page reads format ${RELEASE_FORMAT}.`,
    );
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    throw new DrydockError('damaged-file', `manifest.json: ${z.prettifyError(parsed.error)}`, {
      path: 'manifest.json',
    });
  }
  const { v86, devices } = parsed.data;
  if (v86 !== V86_VERSION || devices !== DEVICE_SET) {
    throw new DrydockError(
      'wrong-release',
      `The machine on the server was saved by v86 ${v86} (${devices}); this page runs v86 ${V86_VERSION} (${DEVICE_SET}).`,
    );
  }
  return parsed.data;
}
