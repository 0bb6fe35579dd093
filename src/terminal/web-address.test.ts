import { expect, test } from 'vitest';
import { isWebAddress } from './web-address.ts';

test.each([
  ['https://docs.docker.com/', true],
  ['http://localhost:8080', true],
  ['javascript:alert(1)', false],
  ['file:///etc/passwd', false],
  ['data:text/html,x', false],
  ['no address', false],
])('%s', (address, expected) => {
  expect(isWebAddress(address)).toBe(expected);
});
