import { expect, test } from 'vitest';
import { bzImageHash, configurationHash, readLock } from './lock.ts';

test('the committed kernel is the one that the committed configuration builds', () => {
  const lock = readLock();
  expect(lock.configuration, 'run `npm run image:kernel` and commit what it changes').toBe(
    configurationHash(),
  );
  expect(lock.bzImage).toBe(bzImageHash());
});
