/** Debian as everything here is made from it: where its packages come from, and what of them is left out. */

/** Debian mirror to install from. */
export const MIRROR = process.env.DRYDOCK_MIRROR ?? 'http://deb.debian.org/debian';

/**
 * Names of a release. They mean the same, but a mirror in the middle of its sync may serve one in a state
 * whose index and files do not fit ("unexpected size", "Hash Sum mismatch"); then the next is tried.
 */
const SUITES = { trixie: ['trixie', 'stable'], bookworm: ['bookworm', 'oldstable'] };

export type Release = keyof typeof SUITES;

/** 2026-01-01: time stamps that would else be the build's own. */
export const SOURCE_DATE_EPOCH = '1767225600';

/** Lines of dpkg's configuration. */
export const DPKG_OPTIONS = [
  // Nobody needs a half-made root file system after a power failure: do not wait for the disk.
  'force-unsafe-io',
  ...['man', 'locale', 'info', 'doc', 'lintian'].map((folder) => `path-exclude=/usr/share/${folder}/*`),
  'path-include=/usr/share/doc/*/copyright',
];

/**
 * Makes something from a release, by whichever of its names that succeeds with.
 * @throws Error with each failure; `what` is the thing that could not be made
 */
export async function fromDebian(
  release: Release,
  what: string,
  make: (suite: string) => Promise<void>,
): Promise<void> {
  const failures: string[] = [];
  for (const suite of SUITES[release]) {
    try {
      await make(suite);
      return;
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  throw new Error(`${what} could not be made from ${MIRROR}:\n${failures.join('\n')}`);
}
