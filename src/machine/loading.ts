/** What the user sees of loading: its steps in words, and when it has stood still for too long. */
import type { LoadProgress, LoadStage } from '../../worker/protocol.ts';

/** Without any progress for this long the user is told so: slower than any step on a weak device takes. */
export const STALL_MILLISECONDS = 20_000;

export interface StageView {
  stage: LoadStage;
  label: string;
  state: 'done' | 'current' | 'pending';
}

const LABELS: Record<LoadStage, string> = {
  manifest: 'Look up the machine',
  engine: 'Download the emulator',
  snapshot: 'Download the machine',
  restore: 'Restore its memory',
  settle: 'Set its clock',
  boot: 'Boot Linux',
};

const LOADING: LoadStage[] = ['manifest', 'engine', 'snapshot', 'restore', 'settle'];
const REBOOTING: LoadStage[] = ['boot', 'settle'];

/** A stage in the user's words. */
export function stageLabel(stage: LoadStage): string {
  return LABELS[stage];
}

/** All stages of the loading (or of the reboot) that `stage` belongs to. */
export function stageViews(stage: LoadStage): StageView[] {
  const stages = stage === 'boot' ? REBOOTING : LOADING;
  const current = stages.indexOf(stage);
  return stages.map((each, i) => ({
    stage: each,
    label: LABELS[each],
    state: i < current ? 'done' : i === current ? 'current' : 'pending',
  }));
}

/** How much of a stage's download is in, from 0 to 1; undefined for stages that do not download. */
export function downloadedShare({ loadedBytes, totalBytes }: LoadProgress): number | undefined {
  return totalBytes > 0 ? Math.min(loadedBytes / totalBytes, 1) : undefined;
}
