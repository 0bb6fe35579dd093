/** A session that nothing was saved of yet. */
import { randomUuid } from '../random-uuid.ts';
import { SESSION_FORMAT, type Place, type SessionRecord } from './record.ts';
import type { ProfileName } from '../protocol.ts';
import { profileOf, type Manifest } from '../vm/release.ts';
import type { SessionStore } from './store.ts';

export interface NewSession {
  name: string;
  place: Place;
  machine: SessionRecord['machine'];
  machineId: number;
  /** How many machines it has. */
  nodes: number;
}

/** What a session remembers of the release that its machines are made from. @throws DrydockError `wrong-release` */
export function machineOf(manifest: Manifest, profile: ProfileName): SessionRecord['machine'] {
  const { build, disk } = manifest;
  return { build, profile, disk, overlay: profileOf(manifest, profile).overlay };
}

/** Makes a session; returns its id. @throws DrydockError `storage-full` */
export async function createSession(
  { records }: SessionStore,
  { nodes, ...session }: NewSession,
): Promise<string> {
  const id = randomUuid();
  const now = Date.now();
  const record: SessionRecord = {
    ...session,
    format: SESSION_FORMAT,
    id,
    created: now,
    saved: now,
    used: 0,
    moments: [],
    journal: Array.from({ length: nodes }, () => []),
  };
  await records.change(id, () => record);
  return id;
}
