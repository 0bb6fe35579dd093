import { beforeEach, afterEach, describe, expect, it, vi } from 'vitest';
import { i386Mode, i386Programs } from './i386.ts';

/** This host, as the module sees it. */
const host = vi.hoisted(() => ({
  runs: false,
  files: new Set<string>(),
  mountable: true,
  /** What was registered with binfmt_misc. */
  registered: undefined as string | undefined,
  refusesRegistration: false,
}));

vi.mock('../pipeline/command.ts', () => ({
  succeeds: (program: string) => {
    if (program === 'arch-test') return host.runs || host.registered !== undefined;
    if (program === 'mount') return host.mountable;
    return false;
  },
}));
vi.mock('node:fs', () => ({
  existsSync: (path: string) => host.files.has(path),
  writeFileSync: (path: string, content: string) => {
    if (path !== '/proc/sys/fs/binfmt_misc/register' || host.refusesRegistration) throw new Error('EACCES');
    host.registered = content;
  },
}));

const QEMU = '/usr/bin/qemu-i386-static';
const REGISTER = '/proc/sys/fs/binfmt_misc/register';

beforeEach(() => {
  Object.assign(host, {
    runs: false,
    files: new Set([QEMU, REGISTER]),
    mountable: true,
    registered: undefined,
    refusesRegistration: false,
  });
  vi.stubEnv('DRYDOCK_I386', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the mode', () => {
  it.each(['native', 'qemu-user', 'machine'])('is %s where DRYDOCK_I386 says so', (mode) => {
    vi.stubEnv('DRYDOCK_I386', mode);
    expect(i386Mode()).toBe(mode);
    expect(host.registered).toBeUndefined();
  });

  it('is found out where DRYDOCK_I386 is something else', () => {
    host.runs = true;
    vi.stubEnv('DRYDOCK_I386', 'sometimes');
    expect(i386Mode()).toBe('native');
  });

  it('is native where the host runs i386 programs', () => {
    host.runs = true;
    expect(i386Mode()).toBe('native');
    expect(host.registered).toBeUndefined();
  });

  it('is qemu-user where qemu is registered already', () => {
    host.runs = true;
    host.files.add('/proc/sys/fs/binfmt_misc/qemu-i386');
    expect(i386Mode()).toBe('qemu-user');
    expect(host.registered).toBeUndefined();
  });

  it('is qemu-user where qemu can be registered', () => {
    expect(i386Mode()).toBe('qemu-user');
    expect(host.registered).toBeDefined();
  });

  it('is qemu-user where binfmt_misc has to be mounted first', () => {
    host.files.delete(REGISTER);
    expect(i386Mode()).toBe('qemu-user');
  });

  it.each<[string, () => void]>([
    ['there is no qemu', () => host.files.delete(QEMU)],
    [
      'binfmt_misc cannot be mounted',
      () => {
        host.files.delete(REGISTER);
        host.mountable = false;
      },
    ],
    [
      'the kernel refuses the registration',
      () => {
        host.refusesRegistration = true;
      },
    ],
  ])('is machine where %s', (_, break_) => {
    break_();
    expect(i386Mode()).toBe('machine');
  });
});

describe('what is registered', () => {
  /** The kernel's reading of a registration: `:name:type:offset:magic:mask:interpreter:flags`. */
  function parse(line = '') {
    const [, name, type, offset, magic = '', mask = '', interpreter, flags] = line.split(':');
    const bytes = (text: string) =>
      [...text.matchAll(/\\x([0-9a-f]{2})|([^\\])/g)].map(([, code, char = '']) =>
        code ? parseInt(code, 16) : char.charCodeAt(0),
      );
    return { name, type, offset, magic: bytes(magic), mask: bytes(mask), interpreter, flags };
  }

  /** The first bytes of an executable (elf.h): class, machine and type. */
  const elf = ({ bits = 32, machine = 3, type = 2, abi = 0 }) => [
    ...[0x7f, 0x45, 0x4c, 0x46, bits === 32 ? 1 : 2, 1, 1, abi, 0, 0, 0, 0, 0, 0, 0, 0],
    ...[type, 0, machine, 0],
  ];

  function isTaken(header: number[]): boolean {
    i386Mode();
    const { magic, mask } = parse(host.registered);
    return magic.every((byte, i) => (byte & (mask[i] ?? 0)) === ((header[i] ?? 0) & (mask[i] ?? 0)));
  }

  it('is an interpreter that works inside another root, too', () => {
    i386Mode();
    expect(parse(host.registered)).toMatchObject({
      name: 'qemu-i386',
      type: 'M',
      offset: '',
      interpreter: QEMU,
      flags: 'F',
    });
  });

  it('has a mask as long as its pattern', () => {
    i386Mode();
    const { magic, mask } = parse(host.registered);
    expect(magic).toHaveLength(20);
    expect(mask).toHaveLength(20);
  });

  it.each([
    ['programs', elf({})],
    ['position-independent programs', elf({ type: 3 })],
    ['programs that name Linux as their system', elf({ abi: 3 })],
  ])('takes i386 %s', (_, header) => {
    expect(isTaken(header)).toBe(true);
  });

  it.each([
    ['x86-64 programs', elf({ bits: 64, machine: 62 })],
    ['x32 programs', elf({ machine: 62 })],
    ['ARM programs', elf({ machine: 40 })],
    ['object files', elf({ type: 1 })],
    ['scripts', [...Buffer.from('#!/bin/sh\n# a script')]],
  ])('leaves %s alone', (_, header) => {
    expect(isTaken(header)).toBe(false);
  });
});

describe('the programs that the host needs', () => {
  it.each([
    ['qemu-user for root where i386 programs do not run', 0, false, ['qemu-i386-static']],
    ['nothing more for root where they run', 0, true, []],
    ['user namespaces without root where they run', 1000, true, ['fakeroot', 'newuidmap']],
    ['debootstrap without root where they do not', 1000, false, ['fakeroot', 'debootstrap', 'dpkg-deb']],
  ])('are %s', (_, user, runs, wanted) => {
    host.runs = runs;
    vi.spyOn(process, 'getuid').mockReturnValue(user);
    expect(Object.keys(i386Programs())).toEqual(wanted);
  });
});
