import { expect, test } from 'vitest';
import { documentTitle, href, linkedFragment, parseRoute, type Route } from './router.ts';

test.each<[string, Route]>([
  ['', { page: 'start' }],
  ['#', { page: 'start' }],
  ['#/', { page: 'start' }],
  ['#/playground', { page: 'playground' }],
  ['#/playground/', { page: 'playground' }],
  ['#/lesson/first-container', { page: 'lesson', id: 'first-container' }],
  ['#/lesson/networks/3', { page: 'lesson', id: 'networks', step: 3 }],
  ['#/lesson/networks/0', { page: 'unknown', address: '/lesson/networks/0' }],
  ['#/lesson', { page: 'unknown', address: '/lesson' }],
  ['#/lesson/', { page: 'unknown', address: '/lesson/' }],
  ['#/lesson/a/b', { page: 'unknown', address: '/lesson/a/b' }],
  ['#/lesson/<script>', { page: 'unknown', address: '/lesson/<script>' }],
  ['#/images', { page: 'images' }],
  ['#/images/', { page: 'images' }],
  ['#/images/nginx', { page: 'image', reference: 'nginx' }],
  ['#/images/nginx:1.26', { page: 'image', reference: 'nginx:1.26' }],
  ['#/images/ghcr.io/acme/tool', { page: 'image', reference: 'ghcr.io/acme/tool' }],
  ['#/images/../lesson', { page: 'unknown', address: '/images/../lesson' }],
  ['#/images/<script>', { page: 'unknown', address: '/images/<script>' }],
  ['#/add-images', { page: 'add-images' }],
  ['#/offline', { page: 'offline' }],
  ['#/sessions', { page: 'sessions' }],
  [
    '#/session-link/https%3A%2F%2Fa.example%2Fx.drydock',
    { page: 'session-link', url: 'https://a.example/x.drydock' },
  ],
  ['#/session-link', { page: 'unknown', address: '/session-link' }],
  ['#/presenter-notes', { page: 'unknown', address: '/presenter-notes' }],
  ['#/presenter-screen/x', { page: 'unknown', address: '/presenter-screen/x' }],
  ['#/offline/x', { page: 'unknown', address: '/offline/x' }],
  ['#/pack/%E0%A4%A', { page: 'unknown', address: '/pack/%E0%A4%A' }],
])('%s', (fragment, route) => {
  expect(parseRoute(fragment)).toEqual(route);
});

test('every address leads back to its route', () => {
  const routes: Route[] = [
    { page: 'start' },
    { page: 'playground' },
    { page: 'lesson', id: 'networks' },
    { page: 'lesson', id: 'networks', step: 2 },
    { page: 'images' },
    { page: 'image', reference: 'localhost:5000/ann/web:1.0' },
    { page: 'add-images' },
    { page: 'offline' },
    { page: 'sessions' },
    { page: 'session-link', url: 'https://a.example/a b.drydock' },
    { page: 'pack' },
    { page: 'presenter-notes', channel: '00000000-0000-4000-8000-000000000000' },
    { page: 'presenter-screen', channel: '00000000-0000-4000-8000-000000000000' },
    { page: 'pack', url: 'https://example.org/a course.zip?x=1#y' },
  ];
  for (const route of routes) expect(parseRoute(href(route))).toEqual(route);
});

test('the title names the lesson as soon as it is known', () => {
  expect(documentTitle({ page: 'lesson', id: 'x' })).toBe('Lesson · Drydock');
  expect(documentTitle({ page: 'lesson', id: 'x' }, 'Networks')).toBe('Networks · Drydock');
});

test.each([
  ['?lesson=networks', '#/lesson/networks'],
  ['?lesson=networks&step=2', '#/lesson/networks/2'],
  ['?pack=https://example.org/a.zip', '#/pack/https%3A%2F%2Fexample.org%2Fa.zip'],
  ['?session=https://example.org/a.drydock', '#/session-link/https%3A%2F%2Fexample.org%2Fa.drydock'],
  ['?step=2', undefined],
  ['', undefined],
])('a link with %s leads to %s', (search, fragment) => {
  expect(linkedFragment(search)).toBe(fragment);
});
