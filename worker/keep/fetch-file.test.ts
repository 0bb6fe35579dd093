import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { fetchFile, fileAddress } from './fetch-file.ts';

test('a link leads to https, or to the page’s own site', () => {
  const page = 'http://lab.local:8080/drydock/#/sessions';
  expect(fileAddress('https://a.example/x', page)?.href).toBe('https://a.example/x');
  expect(fileAddress('x.drydock', page)?.href).toBe('http://lab.local:8080/drydock/x.drydock');
  for (const link of ['http://a.example/x', 'javascript:alert(1)', 'data:,x', 'blob:http://lab.local:8080/1'])
    expect(fileAddress(link, page), link).toBeUndefined();
  for (const link of ['file:///etc/passwd', 'https://', 'https://a b/'])
    expect(fileAddress(link, page), link).toBeUndefined();
});

describe('a file', () => {
  const answers: Record<string, (response: ServerResponse) => void> = {
    '/good': (response) => response.end('a session'),
    '/missing': (response) => response.writeHead(404).end(),
    '/claims': (response) => response.writeHead(200, { 'content-length': '2000000000' }).write('x'),
    '/endless': (response) => {
      const more = (): void => {
        while (response.write('x'.repeat(1000)));
      };
      response.on('drain', more);
      more();
    },
    '/broken': (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('x', () => response.destroy());
    },
    '/silent': (response) => response.write('x'),
  };
  let server: Server;
  beforeAll(async () => {
    server = createServer((request, response) => answers[request.url ?? '']?.(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const at = (path: string) => new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);

  it('is fetched', async () => {
    expect(await (await fetchFile(at('/good'), 1000)).text()).toBe('a session');
  });

  it.each([
    ['/missing', 'download-failed', /127\.0\.0\.1:\d+ answered 404/],
    ['/claims', 'damaged-file', /larger than the 0\.001 MB/],
    ['/endless', 'damaged-file', /larger than/],
    ['/broken', 'download-failed', /broke off.*Download the file/],
    ['/silent', 'download-failed', /said nothing for a while/],
  ])('that is %s is refused', async (path, code, message) => {
    await expect(fetchFile(at(path), 1000, 200)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});
