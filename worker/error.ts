/**
 * One error class for everything that can go wrong with a machine. It has a `code` from a closed
 * union, so that the app can say what to do next, and it crosses the worker boundary whole:
 * `toWire` and `fromWire` keep name, message, code, details, stack and the chain of causes, which
 * structured cloning of an `Error` does not.
 */

/** Why a machine could not do what was asked. Each has its own advice in the app. */
export type ErrorCode =
  /** The browser lacks something that the machine needs (WebAssembly, workers, BigInt). */
  | 'unsupported-browser'
  /** A file of the release could not be fetched: network, server, or no such file. */
  | 'download-failed'
  /** A file arrived, but its bytes are not the ones that were published. */
  | 'damaged-file'
  /** The release (or a saved state) was made for another version of Drydock. */
  | 'wrong-release'
  /** The browser refused the memory that the machine needs. */
  | 'out-of-memory'
  /** The state could not be restored, or the machine did not answer after it. */
  | 'restore-failed'
  /** A wait reached its deadline. */
  | 'timeout'
  /** The guest agent answered with an error. */
  | 'agent-failed'
  /** The operation does not fit the machine's present state. */
  | 'wrong-state'
  /** The network between machine and gateway refused or broke a connection. */
  | 'network-failed'
  /** The browser has no room for what was to be stored; what was stored before is unharmed. */
  | 'storage-full'
  /** What was saved of a session is no longer there: the browser, or its user, has cleared the site's data. */
  | 'session-gone'
  /** A fault in Drydock itself. */
  | 'internal';

/** What a `DrydockError` may carry beside its message; every value survives `JSON.stringify`. */
export type ErrorDetails = Record<string, string | number | boolean | undefined>;

export class DrydockError extends Error {
  override readonly name = 'DrydockError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** An error as plain data, the form in which it crosses a worker boundary. */
export interface WireError {
  name: string;
  message: string;
  stack?: string | undefined;
  code?: ErrorCode | undefined;
  details?: ErrorDetails | undefined;
  cause?: WireError | undefined;
}

/** Turns anything that was thrown into plain data. Never throws. */
export function toWire(thrown: unknown, depth = 0): WireError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: asText(thrown) };
  return {
    name: thrown.name,
    message: thrown.message,
    stack: thrown.stack,
    ...(thrown instanceof DrydockError && { code: thrown.code, details: thrown.details }),
    ...(thrown.cause !== undefined && depth < 8 && { cause: toWire(thrown.cause, depth + 1) }),
  };
}

function asText(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    // It has no string form: `Object.create(null)`, or a `toString` that throws.
    return Object.prototype.toString.call(thrown);
  }
}

/** The inverse of `toWire`: an `Error` (a `DrydockError` where it was one) with the same fields. */
export function fromWire(wire: WireError): Error {
  const options = wire.cause ? { cause: fromWire(wire.cause) } : undefined;
  const error = wire.code
    ? new DrydockError(wire.code, wire.message, wire.details, options)
    : Object.assign(new Error(wire.message, options), { name: wire.name });
  if (wire.stack) error.stack = wire.stack;
  return error;
}

/** `thrown` if it is a `DrydockError` already, else one with `code` and `message` and it as the cause. */
export function asDrydockError(thrown: unknown, code: ErrorCode, message: string): DrydockError {
  return thrown instanceof DrydockError ? thrown : new DrydockError(code, message, {}, { cause: thrown });
}

/** What to tell the user of something that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
