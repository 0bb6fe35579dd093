import { z } from '../../worker/schema.ts';
import { isSoundPath } from './paths.ts';

const statSchema = z.object({ linkTarget: z.string() });

/**
 * Where the Engine says that a link of a container leads; undefined if it is none.
 * @param header `X-Docker-Container-Path-Stat`: JSON in base64
 */
export function linkTargetIn(header: string | undefined): string | undefined {
  const json = new TextDecoder().decode(
    Uint8Array.from(atob(header ?? ''), (character) => character.charCodeAt(0)),
  );
  const { linkTarget } = statSchema.parse(JSON.parse(json));
  return isSoundPath(linkTarget) ? linkTarget : undefined;
}
