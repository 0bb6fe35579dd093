import { expect, test } from 'vitest';
import { nextSpotlight } from './spotlight.ts';

test('the light goes from pane to pane, then out', () => {
  const panes = ['lesson', 'terminals', 'side'] as const;
  expect(nextSpotlight('none', panes)).toBe('lesson');
  expect(nextSpotlight('lesson', panes)).toBe('terminals');
  expect(nextSpotlight('terminals', panes)).toBe('side');
  expect(nextSpotlight('side', panes)).toBe('none');
});

test('one pane that stands alone is never lit', () => {
  expect(nextSpotlight('none', ['terminals'])).toBe('none');
  expect(nextSpotlight('lesson', ['terminals'])).toBe('none');
});

test('from a pane that is gone it goes to the first', () => {
  expect(nextSpotlight('side', ['lesson', 'terminals'])).toBe('lesson');
});
