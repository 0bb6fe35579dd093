import { readPieces } from '../bounded-body.ts';
import { DrydockError } from '../error.ts';

/** How long a server may say nothing, in milliseconds. */
const SILENCE_MILLISECONDS = 30_000;

/** What the user can do where a page may not, or cannot. */
const BY_HAND = 'Download the file with the browser, and drop it on this page.';

/**
 * Where a link leads that stands on the page `base`.
 * @returns undefined for what is no address of a file: of another kind than https, or than the page's own site has
 */
export function fileAddress(link: string, base: string): URL | undefined {
  if (!URL.canParse(link, base)) return undefined;
  const url = new URL(link, base);
  const isOurs = /^https?:$/.test(url.protocol) && url.origin === new URL(base).origin;
  return isOurs || url.protocol === 'https:' ? url : undefined;
}

/**
 * Fetches a file of somebody else's site, without telling it who asks.
 * @param limit bytes that are taken at most
 * @throws DrydockError `download-failed`; `damaged-file` for one that is too large
 */
export async function fetchFile(
  { href, host }: Pick<URL, 'href' | 'host'>,
  limit: number,
  silenceMilliseconds = SILENCE_MILLISECONDS,
): Promise<Blob> {
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const beat = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      silence.abort();
    }, silenceMilliseconds);
  };
  beat();
  try {
    const response = await fetch(href, {
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      signal: silence.signal,
    });
    if (!response.ok)
      throw failed(
        `${host} answered ${response.status} for the file. Ask for the link again where you have it.`,
      );
    const isTooLarge = Number(response.headers.get('content-length') ?? 0) > limit;
    const pieces = isTooLarge ? undefined : await readPieces(response.body, limit, beat);
    if (!pieces)
      throw new DrydockError(
        'damaged-file',
        `The file is larger than the ${limit / 1e6} MB that a session may have, so it was not taken. Ask for one with fewer checkpoints.`,
      );
    return new Blob(pieces);
  } catch (cause) {
    if (cause instanceof DrydockError) throw cause;
    if (silence.signal.aborted) throw failed(`${host} has said nothing for a while. ${BY_HAND}`, cause);
    throw failed(
      `${host} could not be reached, broke off, or does not let other sites fetch the file (CORS). ${BY_HAND}`,
      cause,
    );
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

function failed(message: string, cause?: unknown): DrydockError {
  return new DrydockError('download-failed', message, {}, { cause });
}
