/** Makes the machine before the tests that need it, or takes it from the cache. */
import type { TestProject } from 'vitest/node';
import { buildImage } from '../images/build.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder of the release. */
    release: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('release', await buildImage());
}
