/**
 * What a browser needs to run a machine, found out before anything is downloaded. What is looked at is
 * injectable, so that the tests can take things away.
 */

/** The globals that the check looks at; each may be missing. */
export interface BrowserGlobals {
  WebAssembly?: Pick<typeof WebAssembly, 'Module' | 'Instance'> | undefined;
  Worker?: (new (url: string, options?: WorkerOptions) => { terminate(): void }) | undefined;
  MessageChannel?: unknown;
}

/** Something that is missing, in the user's words. */
export type MissingCapability = 'WebAssembly' | 'WebAssembly with 64-bit numbers' | 'module workers';

/** `(module (func (export "f") (result i64) (i64.const 1)))` */
const RETURNS_64_BITS = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 0, 1, 0x7e],
  ...[3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x66, 0, 0],
  ...[10, 6, 1, 4, 0, 0x42, 1, 0x0b],
);

/** What this browser lacks; empty when a machine can run. */
export function missingCapabilities(globals: BrowserGlobals = globalThis): MissingCapability[] {
  const missing: MissingCapability[] = [];
  if (!globals.WebAssembly) missing.push('WebAssembly');
  else if (!passesBigInt(globals.WebAssembly)) missing.push('WebAssembly with 64-bit numbers');
  if (!startsModuleWorkers(globals.Worker) || !globals.MessageChannel) missing.push('module workers');
  return missing;
}

function passesBigInt({ Module, Instance }: NonNullable<BrowserGlobals['WebAssembly']>): boolean {
  try {
    const { f } = new Instance(new Module(RETURNS_64_BITS)).exports as { f: () => unknown };
    return typeof f() === 'bigint';
  } catch {
    return false;
  }
}

/** A browser that knows module workers reads the option `type`; an older one never looks at it. */
function startsModuleWorkers(Worker: BrowserGlobals['Worker']): boolean {
  if (!Worker) return false;
  let asked = false;
  const options: WorkerOptions = {
    get type() {
      asked = true;
      return 'module' as const;
    },
  };
  try {
    new Worker('blob:', options).terminate();
  } catch {
    // The address is no script. By then the options have been read.
  }
  return asked;
}
