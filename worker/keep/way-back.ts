/** Which session a page goes on with, and how. Nothing that was done may be lost by that: else the user is asked. */
import type { ProfileName } from '../protocol.ts';
import type { Place } from './record.ts';
import type { SessionSummary } from './summary.ts';

/** What the user can answer, or have asked for before. */
export type Answer = 'continue' | 'boot' | 'fresh' | 'take-over';

/** What a page would begin with. */
export interface BeginRequest {
  place: Place;
  /** Of a fresh machine. */
  profile: ProfileName;
  machineId: number;
  /** The session that it must be, if there is such a one. */
  id: string | undefined;
  /** The session that the tab had; without, any of the same place will do. */
  tab: string | undefined;
  how: Answer | undefined;
}

/** The session to go on with; undefined for a new one. */
export function findSession(
  sessions: readonly SessionSummary[],
  { id, tab, place, how }: BeginRequest,
): SessionSummary | undefined {
  if (how === 'fresh') return undefined;
  if (id !== undefined) return sessions.find((one) => one.id === id);
  return sessions.find((one) => one.id === tab) ?? sessions.find((one) => one.place.lesson === place.lesson);
}

/** How to go on with a session: `fresh` begins it, `new` leaves it for another. */
export type WayBack = 'continue' | 'boot' | 'fresh' | 'new' | 'ask';

/** @param fits whether the session was made with the release that the site has now */
export function wayBack(
  { running, journal, used, at, moments, nodes }: SessionSummary,
  fits: boolean,
  { how, profile }: Pick<BeginRequest, 'how' | 'profile'>,
): WayBack {
  const canContinue = fits && running !== undefined;
  if (how === 'boot' || (how === 'continue' && canContinue)) return how;
  if (canContinue && (journal === 'empty' || used <= running)) return 'continue';
  if (journal === 'empty' && at === undefined && fits)
    // One with more memory is what is left of an attempt.
    return nodes[0]?.profile === profile ? 'fresh' : 'new';
  return used === 0 && moments.length === 0 ? 'new' : 'ask';
}
