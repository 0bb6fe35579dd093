/** Single requests to an Engine, whose refusals are errors in its own words. */
import { DrydockError } from '../../worker/error.ts';
import type { EngineRequest } from '../../worker/protocol.ts';
import { z } from '../../worker/schema.ts';
import type { AskedNode } from './node-engine.svelte.ts';

const refusalSchema = z.object({ message: z.string() });

/**
 * The bytes of an answer.
 * @throws DrydockError `network-failed` with what the Engine says where it refuses, and what `MachineNode.askEngine` throws
 */
export async function requestBytes(
  node: Pick<AskedNode, 'askEngine'>,
  request: EngineRequest,
): Promise<Uint8Array<ArrayBuffer>> {
  const { status, bytes } = await node.askEngine(request);
  if (status < 400) return bytes;
  const text = new TextDecoder().decode(bytes);
  let message = text.slice(0, 300) || `The Engine answers with status ${status}.`;
  try {
    ({ message } = refusalSchema.parse(JSON.parse(text)));
  } catch {
    // Then it is told as it came.
  }
  throw new DrydockError('network-failed', message, { status });
}

/** The answer to a question, read as JSON. @throws like `requestBytes`, and SyntaxError */
export async function askJson(node: Pick<AskedNode, 'askEngine'>, target: string): Promise<unknown> {
  const bytes = await requestBytes(node, { method: 'GET', target });
  return JSON.parse(new TextDecoder().decode(bytes));
}
