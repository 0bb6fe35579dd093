import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Machines and browsers are heavy: their tests run one file (or few) at a time, on a release that the set-up makes. */
const heavy = (name: string, hookTimeout: number, testTimeout: number, filesAtOnce = 1) => ({
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    globalSetup: 'tests/release-setup.ts',
    maxWorkers: filesAtOnce,
    pool: 'forks' as const,
    testTimeout,
    hookTimeout,
  },
});

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [svelte()],
        test: {
          name: 'unit',
          include: ['{bin,images,lessons,src,tests/{bench,hub},vite,worker}/**/*.test.ts'],
          // The host may be building a machine at the same time.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'catalogue',
          include: ['tests/catalogue/**/*.test.ts'],
          testTimeout: 120_000,
        },
      },
      heavy('vm', 300_000, 600_000, 2),
      heavy('swarm', 600_000, 900_000),
      heavy('lessons', 180_000, 900_000),
      heavy('images', 180_000, 900_000, 2),
      heavy('e2e', 300_000, 600_000),
    ],
  },
});
