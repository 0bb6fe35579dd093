/** Types only: the compiler (`tsc`, part of `npm run check`) is what runs these. */
import type { ProxyMethods, Remote } from 'comlink';
import { expectTypeOf, it } from 'vitest';
import type { Host } from './host.ts';
import type { ExecOptions, ExecResult, MachineState, MachineStatistics, RemoteMachine } from './protocol.ts';
import type { Machine } from './vm/machine.ts';

type Method = (...parameters: never[]) => unknown;

/** `Machine` as a caller on the other side of a boundary must see it: the same methods, answering later. */
type AsyncMachine = {
  [Name in keyof Machine as Machine[Name] extends Method ? Name : never]: Machine[Name] extends (
    ...parameters: infer Parameters
  ) => infer Result
    ? (...parameters: Parameters) => Promise<Awaited<Result>>
    : never;
};

it('offers the page exactly what the machine offers', () => {
  expectTypeOf<RemoteMachine>().toEqualTypeOf<Remote<Machine>>();
  expectTypeOf<keyof AsyncMachine>().toEqualTypeOf<Exclude<keyof Machine, 'state' | 'hardware'>>();
  expectTypeOf<RemoteMachine>().toExtend<AsyncMachine>();
  expectTypeOf<Exclude<keyof RemoteMachine, keyof ProxyMethods>>().toEqualTypeOf<keyof Machine>();
});

it('gives the page a RemoteMachine when it opens one', () => {
  expectTypeOf<Awaited<ReturnType<Remote<Host>['open']>>>().toExtend<RemoteMachine>();
});

it('keeps parameters and results', () => {
  expectTypeOf<Parameters<RemoteMachine['exec']>>().toEqualTypeOf<[script: string, options?: ExecOptions]>();
  expectTypeOf<ReturnType<RemoteMachine['exec']>>().toEqualTypeOf<Promise<ExecResult>>();
  expectTypeOf<ReturnType<RemoteMachine['statistics']>>().toEqualTypeOf<Promise<MachineStatistics>>();
  expectTypeOf<Awaited<RemoteMachine['state']>>().toEqualTypeOf<MachineState>();
});
