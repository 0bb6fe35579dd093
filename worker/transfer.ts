/**
 * Teaches comlink to carry our errors whole. Its own handler for what was thrown keeps only name, message
 * and stack, and loses the code that the app chooses its advice by.
 */
import { transferHandlers, type TransferHandler } from 'comlink';
import { fromWire, toWire, type WireError } from './error.ts';

/** Comlink marks a thrown value by wrapping it; the mark is `THROW_MARKER` in its source, and not exported. */
interface Thrown {
  value: unknown;
}

/** To be called once on each side of the boundary, before the first call. */
export function installErrorTransfer(): void {
  const original = transferHandlers.get('throw') as TransferHandler<Thrown, unknown>;
  const handler: TransferHandler<Thrown, WireError> = {
    canHandle: (value): value is Thrown => original.canHandle(value),
    serialize: ({ value }) => [toWire(value), []],
    deserialize: (wire) => {
      throw fromWire(wire);
    },
  };
  transferHandlers.set('throw', handler);
}
