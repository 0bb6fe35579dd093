import { DrydockError } from '../error.ts';
import { upgraded } from './format-1.ts';
import { MOST_MOMENTS, SESSION_FORMAT, sessionRecord, type SessionRecord } from './record.ts';
import { sessionGone } from './store.ts';

/**
 * Reads a record, one of the first format too.
 * @throws DrydockError `session-gone` without a record, `wrong-release` for one of another version, `damaged-file` for
 * what is none
 */
export function parseRecord(stored: unknown): SessionRecord {
  if (stored === undefined) throw sessionGone();
  const parsed = sessionRecord.safeParse(upgraded(stored));
  if (parsed.success) return parsed.data;
  const format = (stored as { format?: unknown } | undefined)?.format;
  if (typeof format === 'number' && format > SESSION_FORMAT)
    throw new DrydockError('wrong-release', 'This session was saved by another version of Drydock.', {
      format,
    });
  throw new DrydockError(
    'damaged-file',
    'The record of this session is damaged.',
    {},
    { cause: parsed.error },
  );
}

/** Refuses a record that could not be read again. @throws DrydockError `wrong-state`, `internal` */
export function fitting(record: SessionRecord): SessionRecord {
  if (record.moments.length > MOST_MOMENTS)
    throw new DrydockError(
      'wrong-state',
      `A session holds ${MOST_MOMENTS} checkpoints. Remove one that you no longer need first.`,
    );
  const { success, error } = sessionRecord.safeParse(record);
  if (success) return record;
  throw new DrydockError('internal', 'This does not fit the record of a session.', {}, { cause: error });
}
