import { DrydockError } from './error.ts';

/**
 * Runs `action` with a signal that aborts when `end` does, or with a `timeout` when it has not ended within
 * `milliseconds`. (`AbortSignal.any` and `timeout` are younger than the browsers that we run in.)
 *
 * @param what is waited for, for the message
 * @param action may call `renew` when it has heard something: it then has as long again
 */
export async function within<T>(
  milliseconds: number,
  what: string,
  end: AbortSignal | undefined,
  action: (signal: AbortSignal, renew: () => void) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const onEnd = (): void => {
    stop.abort(end?.reason);
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const renew = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      stop.abort(
        new DrydockError('timeout', `${what}: there was no answer within ${milliseconds / 1000} s.`),
      );
    }, milliseconds);
  };
  renew();
  end?.addEventListener('abort', onEnd);
  if (end?.aborted) onEnd();
  try {
    return await action(stop.signal, renew);
  } finally {
    clearTimeout(timer);
    end?.removeEventListener('abort', onEnd);
  }
}
