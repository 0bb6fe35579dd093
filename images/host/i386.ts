/**
 * How this host can run the i386 programs of the machine while they are being installed:
 * - `native`: the CPU and kernel run them;
 * - `qemu-user`: through qemu's user-mode emulator, registered with binfmt_misc;
 * - `machine`: not at all (no root, or no binfmt_misc: some virtual hosts and containers). Then the
 *   packages are only unpacked here, and the emulated machine configures them itself.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { succeeds } from '../pipeline/command.ts';

export type I386Mode = 'native' | 'qemu-user' | 'machine';

/** ELF header of an i386 executable and the bits of it that count (binfmt_misc format, Documentation/admin-guide/binfmt-misc.rst). */
const ELF_I386 =
  '\\x7fELF\\x01\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x03\\x00' +
  ':\\xff\\xff\\xff\\xff\\xff\\xfe\\xfe\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff';

const BINFMT = '/proc/sys/fs/binfmt_misc';
const QEMU = '/usr/bin/qemu-i386-static';

const runsI386 = (): boolean => succeeds('arch-test', ['i386']);

/**
 * Programs, with their Debian packages, that this host needs for the best mode that may be possible on it. Root
 * may register qemu-user; others need mmdebstrap's user namespaces or, without i386, debootstrap.
 */
export function i386Programs(): Record<string, string> {
  const runs = process.env.DRYDOCK_I386 !== 'machine' && runsI386();
  if (process.getuid?.() === 0) return runs ? {} : { 'qemu-i386-static': 'qemu-user-static' };
  return { fakeroot: 'fakeroot', ...(runs ? { newuidmap: 'uidmap' } : UNPACKING) };
}

/** What the mode `machine` needs. */
export const UNPACKING: Record<string, string> = { debootstrap: 'debootstrap', 'dpkg-deb': 'dpkg' };

/**
 * Finds the best mode, registering qemu-user where that is needed and allowed.
 * `DRYDOCK_I386` forces one, for tests.
 */
export function i386Mode(): I386Mode {
  const forced = process.env.DRYDOCK_I386;
  if (forced === 'native' || forced === 'qemu-user' || forced === 'machine') return forced;
  if (runsI386()) return existsSync(`${BINFMT}/qemu-i386`) ? 'qemu-user' : 'native';
  return registerQemuUser() && runsI386() ? 'qemu-user' : 'machine';
}

function registerQemuUser(): boolean {
  if (!existsSync(QEMU)) return false;
  if (!existsSync(`${BINFMT}/register`) && !succeeds('mount', ['-t', 'binfmt_misc', 'binfmt_misc', BINFMT]))
    return false;
  try {
    // F: the interpreter is opened now, so it works inside the new root file system too.
    writeFileSync(`${BINFMT}/register`, `:qemu-i386:M::${ELF_I386}:${QEMU}:F`);
    return true;
  } catch {
    return false;
  }
}
