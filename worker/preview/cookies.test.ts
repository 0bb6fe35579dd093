import { expect, test, vi } from 'vitest';
import { Cookies } from './cookies.ts';

test('all come back, and scripts see those that they may', () => {
  const cookies = new Cookies();
  cookies.take(['theme=dark', 'id=1; HttpOnly', 'lang=en; Path=/'], '/');
  expect(cookies.header('/')).toBe('theme=dark; id=1; lang=en');
  expect(cookies.visible('/')).toBe('theme=dark; lang=en');
});

test('values come back as they were', () => {
  const cookies = new Cookies();
  cookies.take(['a=1%3B%2B+%0d; Path=/', 'b="quoted"'], '/');
  expect(cookies.header('/')).toBe('a=1%3B%2B+%0d; b="quoted"');
});

test('a cookie takes the place of an older one, hidden or not, and goes when it has ended', () => {
  vi.useFakeTimers();
  const cookies = new Cookies();
  cookies.take(['id=1; HttpOnly; Max-Age=10'], '/');
  cookies.take(['id=2; HttpOnly; Max-Age=20'], '/');
  expect(cookies.header('/')).toBe('id=2');
  vi.advanceTimersByTime(21_000);
  expect(cookies.header('/')).toBe('');
  cookies.take(['id=3; HttpOnly'], '/');
  cookies.take(['id=; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], '/');
  expect(cookies.header('/')).toBe('');
  vi.useRealTimers();
});

test('a script sets its own, and none that it may not see', () => {
  const cookies = new Cookies();
  cookies.take(['id=1; HttpOnly; Path=/'], '/');
  cookies.takeFromScript('id=2; path=/', '/');
  cookies.takeFromScript('theme=dark; path=/', '/');
  cookies.takeFromScript('hidden=1; HttpOnly', '/');
  expect(cookies.header('/')).toBe('id=1; theme=dark');
  cookies.takeFromScript('price=5 €; path=/', '/');
  expect(cookies.header('/')).toContain('price=5 \xe2\x82\xac');
  expect(cookies.visible('/')).toBe('theme=dark; price=5 €');
  cookies.takeFromScript('price=; max-age=0; path=/', '/');
  cookies.takeFromScript('theme=; max-age=0; path=/', '/');
  expect(cookies.visible('/')).toBe('');
});

test.each([
  ['/shop/cart?x=/other', '/shop/pay', true],
  ['/shop/cart', '/shop', true],
  ['/shop/cart', '/shopping', false],
  ['/login', '/any/where', true],
])('a cookie that %s set goes along to %s: %s', (from, to, goes) => {
  const cookies = new Cookies();
  cookies.take(['id=1'], from);
  expect(cookies.header(to)).toBe(goes ? 'id=1' : '');
});

test('what is no cookie, too much, or would end its header, is left', () => {
  const cookies = new Cookies();
  cookies.take(['', `big=${'x'.repeat(5000)}`, 'x=a\r\nEvil: 1', 'y=\0'], '/');
  cookies.takeFromScript('z=a\nEvil: 1', '/');
  expect(cookies.header('/')).toBe('');
  cookies.take(
    Array.from({ length: 200 }, (_, i) => `c${i}=1`),
    '/',
  );
  expect(cookies.header('/').split('; ')).toHaveLength(150);
});
