/** What the machine's `edit` command asks for (images/rootfs/files/usr/local/bin/edit). Any program can print the same. */
import { NODE_NAMES, type NodeName } from '../../worker/net/lan.ts';
import { z } from '../../worker/schema.ts';
import { isLegible, isSoundPath } from './paths.ts';

/** The number of the operating system command (OSC) by which a terminal's output asks for it. */
export const EDIT_COMMAND = 7377;

/** A file to be opened in the editor. */
export interface EditRequest {
  node: NodeName;
  path: string;
}

/** `edit`, the node, the path in base64. */
const requestSchema = z.tuple([
  z.literal('edit'),
  z.enum(NODE_NAMES),
  z.string().check(z.minLength(4), z.maxLength(6000), z.regex(/^[A-Za-z0-9+/]+={0,2}$/)),
]);

/** Reads what follows the command's number; undefined where it is no request. */
export function parseEditRequest(data: string): EditRequest | undefined {
  const parsed = requestSchema.safeParse(data.split(';'));
  if (!parsed.success) return undefined;
  const [, node, encoded] = parsed.data;
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    const path = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return path !== '/' && isSoundPath(path) && isLegible(path) ? { node, path } : undefined;
  } catch {
    return undefined;
  }
}
