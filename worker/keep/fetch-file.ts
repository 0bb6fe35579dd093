import { readPieces } from '../bounded-body.ts';
import { DrydockError } from '../error.ts';

/** How long a server may say nothing, in milliseconds. */
const SILENCE_MILLISECONDS = 30_000;

/**
 * Fetches a file of somebody else's site, without telling it who asks.
 * @param limit bytes that are taken at most
 * @throws DrydockError `download-failed`; `damaged-file` for one that is too large
 */
export async function fetchFile(url: string, limit: number): Promise<Blob> {
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const beat = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      silence.abort(new Error('The server has been silent for 30 seconds.'));
    }, SILENCE_MILLISECONDS);
  };
  beat();
  try {
    if (!/^https?:/.test(new URL(url).protocol))
      throw new Error('Only addresses with http or https are fetched.');
    const response = await fetch(url, {
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      signal: silence.signal,
    });
    if (!response.ok || !response.body) throw new Error(`The server answered ${response.status}.`);
    const pieces = await readPieces(response.body, limit, beat);
    if (!pieces)
      throw new DrydockError(
        'damaged-file',
        `The file is larger than ${limit / 1e6} MB, so it was not taken.`,
      );
    return new Blob(pieces);
  } catch (cause) {
    silence.abort();
    if (cause instanceof DrydockError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DrydockError(
      'download-failed',
      `${url} could not be fetched. Another site must allow it (CORS). ${why}`,
      {},
      { cause },
    );
  } finally {
    clearTimeout(timer);
  }
}
