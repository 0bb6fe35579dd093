/** A session that nothing was saved of yet. */
import type { ProfileName } from '../protocol.ts';
import { randomUuid } from '../random-uuid.ts';
import type { Manifest } from '../vm/release.ts';
import { freshNode } from './changes.ts';
import { mapNodes, SESSION_FORMAT, type Nodes, type Place, type SessionRecord } from './record.ts';
import type { SessionStore } from './store.ts';

export interface NewSession {
  name: string;
  place: Place;
  machine: SessionRecord['machine'];
  machineId: number;
  /** The machines that it has, by how much memory they have. */
  nodes: Nodes<ProfileName>;
}

/** What a session remembers of the release that its machines are made from. */
export function machineOf({ build, disk, profiles }: Manifest): SessionRecord['machine'] {
  return { build, disk, overlays: Object.fromEntries(profiles.map(({ name, overlay }) => [name, overlay])) };
}

/**
 * Makes a session; returns its id.
 * @param owner see `SessionRecord.owner`
 * @throws DrydockError `storage-full`
 */
export async function createSession(
  { records }: SessionStore,
  { nodes, ...session }: NewSession,
  owner?: string,
): Promise<string> {
  const id = randomUuid();
  const now = Date.now();
  const record: SessionRecord = {
    ...session,
    format: SESSION_FORMAT,
    id,
    owner,
    created: now,
    saved: now,
    used: 0,
    moments: [],
    journal: mapNodes(nodes, freshNode),
  };
  await records.change(id, () => record);
  return id;
}
