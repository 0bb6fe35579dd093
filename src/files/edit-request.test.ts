import { describe, expect, it } from 'vitest';
import { parseEditRequest } from './edit-request.ts';

const request = (path: string | Uint8Array, node = 'node1', verb = 'edit'): string =>
  `${verb};${node};${Buffer.from(path).toString('base64')}`;

describe('a request to edit', () => {
  it('names a node and an absolute path', () => {
    expect(parseEditRequest(request('/root/Dockerfile'))).toEqual({
      node: 'node1',
      path: '/root/Dockerfile',
    });
    expect(parseEditRequest(request('/srv/grüße\n"x"', 'node5'))).toEqual({
      node: 'node5',
      path: '/srv/grüße\n"x"',
    });
  });

  it('is ignored where it is anything else', () => {
    for (const data of [
      '',
      'edit',
      'edit;node1',
      'edit;node1;',
      'edit;node1;%%%%',
      `${request('/a/b')};more`,
      request('/root/a', 'node9'),
      request('/root/a', 'node1', 'open'),
      request('root/a'),
      request('/'),
      request('/root/../etc'),
      request('/root/a\0b'),
      request(Uint8Array.of(0x2f, 0xff, 0xfe)),
      request(`/${'a'.repeat(4096)}`),
    ])
      expect(parseEditRequest(data), data.slice(0, 40)).toBeUndefined();
  });
});
