/** Single requests to an Engine, whose refusals are errors in its own words. */
import { DrydockError } from '../../worker/error.ts';
import type { EngineAnswer, EngineRequest } from '../../worker/protocol.ts';
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
  const answer = await node.askEngine(request);
  if (answer.status < 400) return answer.bytes;
  throw new DrydockError('network-failed', refusalOf(answer), { status: answer.status });
}

/** The Engine's words where it refuses something. */
export function refusalOf({ status, bytes }: EngineAnswer): string {
  try {
    return refusalSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).message;
  } catch {
    return `status ${status}`;
  }
}

/** The answer to a question, read as JSON. @throws like `requestBytes`, and SyntaxError */
export async function askJson(node: Pick<AskedNode, 'askEngine'>, target: string): Promise<unknown> {
  const bytes = await requestBytes(node, { method: 'GET', target });
  return JSON.parse(new TextDecoder().decode(bytes));
}
