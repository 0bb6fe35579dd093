import { expect, test } from 'vitest';
import { aboutHtml } from './about-html.ts';

test('a description keeps its form and nothing that runs', () => {
  const html = aboutHtml(
    'It is **nginx:latest**. <script>alert(1)</script><img src=x onerror=alert(1)>\n\n[site](javascript:alert(1)) [docs](https://nginx.org)',
  );
  expect(html).toContain('<strong>nginx:latest</strong>');
  expect(html).toContain('href="https://nginx.org"');
  expect(html).not.toMatch(/<script|<img|onerror|javascript:/);
});
