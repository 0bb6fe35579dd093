/** Machines for tests: restored from the release, with `sh` for scripts that must succeed. */
import { expect, inject } from 'vitest';
import { FolderSource } from '../../worker/node/folder-source.ts';
import type { ExecOptions } from '../../worker/protocol.ts';
import { Machine, type MachineOptions } from '../../worker/vm/machine.ts';

export interface TestMachine {
  machine: Machine;
  /** Runs a script; resolves with its trimmed standard output. @throws Error with both outputs when it fails */
  sh: (script: string, options?: ExecOptions) => Promise<string>;
  /** Runs a script that must fail; resolves with what it printed. */
  failure: (script: string) => Promise<string>;
}

/** Deadline of a script here: the emulated machine may share the host with another. */
const TIMEOUT = 240;

export async function restoreMachine(options?: Omit<MachineOptions, 'source'>): Promise<TestMachine> {
  const machine = new Machine({ source: new FolderSource(inject('release')), ...options });
  await machine.load();
  return {
    machine,
    async sh(script, options) {
      const result = await machine.exec(script, { timeout: TIMEOUT, ...options });
      if (result.exitCode === 0) return result.stdout.trim();
      throw new Error(`${script}\nexit code ${result.exitCode}\n${result.stdout}${result.stderr}`);
    },
    async failure(script) {
      const { exitCode, stdout, stderr } = await machine.exec(script, { timeout: TIMEOUT });
      expect(exitCode, stdout).not.toBe(0);
      return stdout + stderr;
    },
  };
}
