import { expect, it } from 'vitest';
import { goSymbols, kernelSymbols } from './symbols.ts';

const kernel = kernelSymbols('c1002000 t late\nc1001000 T early\n');

it('finds the symbol that an address lies in', () => {
  expect(kernel.name(0xc1001000)).toBe('early');
  expect(kernel.name(0xc1001fff)).toBe('early');
  expect(kernel.name(0xc1002004)).toBe('late');
});

it('knows no name before the first symbol', () => {
  expect(kernel.name(0xc1000fff)).toBeUndefined();
});

it('says when a program has no function table', () => {
  expect(() => goSymbols(Buffer.from('no Go'))).toThrow('no Go function table');
});
