import { expect, test } from 'vitest';
import { withScript } from './page-html.ts';

const TAG =
  '<script src="/drydock-preview-page.js" data-hosts="localhost:8080 node1:8080" data-cookies="a=&#34;1&#34;"></script>';

/** `page`, in pieces of `size` bytes, with our script in it. */
async function shown(page: string, size: number): Promise<string> {
  const bytes = new TextEncoder().encode(page);
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
  return new Response(withScript(stream, ['localhost:8080', 'node1:8080'], 'a="1"')).text();
}

test.each([1, 7, 100_000])('our script comes before a page’s own, in pieces of %s bytes', async (size) => {
  expect(await shown('<!DOCTYPE html>\n<html lang="de"><head x="1">ü<script></script>', size)).toBe(
    `<!DOCTYPE html>\n<html lang="de"><head x="1">${TAG}ü<script></script>`,
  );
  expect(await shown('<!doctype html><header>no head</header><p>…', size)).toBe(
    `<!doctype html>${TAG}<header>no head</header><p>…`,
  );
  expect(await shown('<h1>Hello</h1>', size)).toBe(`${TAG}<h1>Hello</h1>`);
  expect(await shown('', size)).toBe(TAG);
  const long = `<h1>Hello</h1>${'x'.repeat(20_000)}<head>`;
  expect(await shown(long, size)).toBe(`${TAG}${long}`);
});
