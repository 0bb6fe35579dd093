import { expect, test } from 'vitest';
import { formatPreviewAddress, hostsOf, parsePreviewAddress, type PreviewAddress } from './address.ts';

const current: PreviewAddress = { name: 'localhost', node: 'node2', port: 8080, path: '/shop?page=1' };

test.each([
  ['9090', { name: 'localhost', node: 'node2', port: 9090, path: '/' }],
  ['9090/a', { name: 'localhost', node: 'node2', port: 9090, path: '/a' }],
  [':9090', { name: 'localhost', node: 'node2', port: 9090, path: '/' }],
  ['/cart?x=1#top', { name: 'localhost', node: 'node2', port: 8080, path: '/cart?x=1#top' }],
  ['localhost:8080', { name: 'localhost', node: 'node2', port: 8080, path: '/' }],
  [' http://localhost:8080/a b ', { name: 'localhost', node: 'node2', port: 8080, path: '/a%20b' }],
  ['127.0.0.1:81', { name: '127.0.0.1', node: 'node2', port: 81, path: '/' }],
  ['0.0.0.0:81', { name: '0.0.0.0', node: 'node2', port: 81, path: '/' }],
  ['[::1]:81', { name: '[::1]', node: 'node2', port: 81, path: '/' }],
  ['node1', { name: 'node1', node: 'node1', port: 80, path: '/' }],
  ['node3:8080/x', { name: 'node3', node: 'node3', port: 8080, path: '/x' }],
  ['HTTP://NODE3:8080', { name: 'node3', node: 'node3', port: 8080, path: '/' }],
  ['192.168.86.103:5000/v2/', { name: '192.168.86.103', node: 'node3', port: 5000, path: '/v2/' }],
  ['https://node1/', { secure: 'https://node1/' }],
  ['https://example.com/a', { outside: 'https://example.com/a' }],
  ['node9:80', { outside: 'http://node9/' }],
  ['172.17.0.2', { outside: 'http://172.17.0.2/' }],
  ['//evil', { outside: 'http://evil/' }],
  ['javascript:alert(1)', { unreadable: 'javascript:alert(1)' }],
  ['file:///etc/passwd', { unreadable: 'file:///etc/passwd' }],
  ['node1:99999', { unreadable: 'node1:99999' }],
  ['', { unreadable: '' }],
])('"%s" is read', (text, expected) => {
  expect(parsePreviewAddress(text, current)).toEqual(expected);
});

test('an address is written as it is typed', () => {
  expect(formatPreviewAddress({ name: 'node1', node: 'node1', port: 80, path: '/' })).toBe('node1/');
  expect(formatPreviewAddress(current)).toBe('localhost:8080/shop?page=1');
  expect(parsePreviewAddress(formatPreviewAddress(current), current)).toEqual(current);
});

test('a port has several names', () => {
  expect(hostsOf({ name: 'node2', node: 'node2', port: 80 })).toContain('192.168.86.102');
  expect(hostsOf(current)).toEqual([
    'localhost:8080',
    '127.0.0.1:8080',
    '0.0.0.0:8080',
    '[::1]:8080',
    'node2:8080',
    '192.168.86.102:8080',
  ]);
});
