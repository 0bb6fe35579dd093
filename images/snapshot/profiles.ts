/** The memory sizes that machines are saved with. */
import type { ProfileName } from '../../worker/protocol.ts';

export const PROFILES: Record<ProfileName, { memoryBytes: number; title: string }> = {
  standard: { memoryBytes: 384 * 2 ** 20, title: 'Saving the running machine (384 MB)' },
  small: { memoryBytes: 256 * 2 ** 20, title: 'Saving the small machine (256 MB)' },
};
