import { expect, test, vi } from 'vitest';
import { HiddenCookies } from './hidden-cookies.ts';

test('cookies that scripts may see are the browser’s', () => {
  const cookies = new HiddenCookies();
  expect(cookies.take(['theme=dark', 'id=1; HttpOnly', 'lang=en; Path=/'], '/', true)).toEqual([
    'theme=dark',
    'lang=en; Path=/',
  ]);
  expect(cookies.header('/')).toBe('id=1');
});

test('a browser that keeps none has all of them kept here', () => {
  const cookies = new HiddenCookies();
  expect(cookies.take(['theme=dark', 'id=1; HttpOnly'], '/', false)).toEqual([]);
  expect(cookies.header('/any')).toBe('theme=dark; id=1');
});

test('a cookie takes the place of an older one, and goes when it has ended', () => {
  vi.useFakeTimers();
  const cookies = new HiddenCookies();
  cookies.take(['id=1; HttpOnly; Max-Age=10'], '/', true);
  cookies.take(['id=2; HttpOnly; Max-Age=20'], '/', true);
  expect(cookies.header('/')).toBe('id=2');
  vi.advanceTimersByTime(21_000);
  expect(cookies.header('/')).toBe('');
  cookies.take(['id=3; HttpOnly'], '/', true);
  cookies.take(['id=; HttpOnly; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], '/', true);
  expect(cookies.header('/')).toBe('');
  vi.useRealTimers();
});

test.each([
  ['/shop/cart?x=/other', '/shop/pay', true],
  ['/shop/cart', '/shop', true],
  ['/shop/cart', '/shopping', false],
  ['/login', '/any/where', true],
])('a cookie that %s set goes along to %s: %s', (from, to, goes) => {
  const cookies = new HiddenCookies();
  cookies.take(['id=1; HttpOnly'], from, true);
  expect(cookies.header(to)).toBe(goes ? 'id=1' : '');
});

test('what is no cookie, and too much, is left', () => {
  const cookies = new HiddenCookies();
  cookies.take(['=x; HttpOnly', '', `big=${'x'.repeat(5000)}; HttpOnly`], '/', true);
  expect(cookies.header('/')).toBe('');
  cookies.take(
    Array.from({ length: 200 }, (_, i) => `c${i}=1; HttpOnly`),
    '/',
    true,
  );
  expect(cookies.header('/').split('; ')).toHaveLength(150);
});
