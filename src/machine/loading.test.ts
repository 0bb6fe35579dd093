import { expect, test } from 'vitest';
import { downloadedShare, stageViews } from './loading.ts';

test('stages before the current one are done, those after it are to come', () => {
  expect(stageViews('snapshot').map(({ state }) => state)).toEqual([
    'done',
    'done',
    'current',
    'pending',
    'pending',
  ]);
  expect(stageViews('manifest')[0]?.state).toBe('current');
});

test('a reboot has steps of its own', () => {
  expect(stageViews('boot').map(({ stage }) => stage)).toEqual(['boot', 'settle']);
});

test('the share of a download', () => {
  expect(downloadedShare({ stage: 'snapshot', loadedBytes: 5, totalBytes: 20 })).toBe(0.25);
  expect(downloadedShare({ stage: 'snapshot', loadedBytes: 21, totalBytes: 20 })).toBe(1);
  expect(downloadedShare({ stage: 'restore', loadedBytes: 0, totalBytes: 0 })).toBeUndefined();
});
