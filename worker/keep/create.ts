/** A session that nothing was saved of yet. */
import { SESSION_FORMAT, type Place, type SessionRecord } from './record.ts';
import type { SessionStore } from './store.ts';

export interface NewSession {
  name: string;
  place: Place;
  machine: SessionRecord['machine'];
  machineId: number;
  /** How many machines it has. */
  nodes: number;
}

/** Makes a session; returns its id. @throws DrydockError `storage-full` */
export async function createSession(
  { records }: SessionStore,
  { nodes, ...session }: NewSession,
): Promise<string> {
  const id = crypto.randomUUID();
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
