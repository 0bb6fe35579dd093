import { expect, test } from 'vitest';
import { missingCapabilities, type BrowserGlobals } from './capability.ts';

class ModernWorker {
  constructor(_url: string, options?: WorkerOptions) {
    if (options?.type !== 'module') throw new Error('expected a module worker');
  }
  terminate(): void {
    // Nothing runs.
  }
}

class OldWorker {
  terminate(): void {
    // Nothing runs.
  }
}

class RefusingWorker {
  constructor(_url: string, options?: WorkerOptions) {
    throw new Error(`refused to start a ${options?.type ?? 'classic'} worker`);
  }
  terminate(): void {
    // Nothing runs.
  }
}

const modern: BrowserGlobals = { WebAssembly, Worker: ModernWorker, MessageChannel };

test('a modern browser lacks nothing', () => {
  expect(missingCapabilities(modern)).toEqual([]);
});

test('a worker that cannot be made from an empty address still shows that it knows modules', () => {
  expect(missingCapabilities({ ...modern, Worker: RefusingWorker })).toEqual([]);
});

test('an old browser lacks module workers', () => {
  expect(missingCapabilities({ ...modern, Worker: OldWorker })).toEqual(['module workers']);
  expect(missingCapabilities({ ...modern, Worker: undefined })).toEqual(['module workers']);
});

test('WebAssembly switched off', () => {
  expect(missingCapabilities({ ...modern, WebAssembly: undefined })).toEqual(['WebAssembly']);
});

test('WebAssembly that cannot pass 64-bit numbers', () => {
  class Instance {
    exports = {
      f: () => {
        throw new TypeError('wasm function signature contains illegal type');
      },
    };
  }
  expect(missingCapabilities({ ...modern, WebAssembly: { Module: WebAssembly.Module, Instance } })).toEqual([
    'WebAssembly with 64-bit numbers',
  ]);
});
