import { expect, test } from 'vitest';
import { parseListeners } from './listeners.ts';

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5177 1 f6a1b4c0 100 0 0 10 0
   1: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5178 1 f6a1b4c0 100 0 0 10 0
   2: 6556A8C0:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5179 1 f6a1b4c0 100 0 0 10 0
   3: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5180 1 f6a1b4c0 100 0 0 10 0
   4: 6556A8C0:A0F2 0156A8C0:4E20 01 00000000:00000000 00:00000000 00000000     0        0 5181 1 f6a1b4c0 100 0 0 10 0
   5: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5182 1 f6a1b4c0 100 0 0 10 0
   6: 010011AC:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5183 1 f6a1b4c0 100 0 0 10 0
`;

const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue
   0: 00000000000000000000000000000000:2328 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   1: 00000000000000000000000001000000:270F 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   2: 00000000000000000000000000000000:1E7F 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
`;

test('ports are those that something listens on, with who can reach them', () => {
  expect(parseListeners(TCP + TCP6)).toEqual([
    { port: 80, scope: 'lan' },
    { port: 5000, scope: 'loopback' },
    { port: 7807, scope: 'lan' },
    { port: 8080, scope: 'lan' },
    { port: 9000, scope: 'lan' },
    { port: 9999, scope: 'loopback' },
  ]);
});

test('what is no table has no ports', () => {
  expect(parseListeners('')).toEqual([]);
  expect(parseListeners('0: zz:zz\n\n   0: 00000000:1F90')).toEqual([]);
});
