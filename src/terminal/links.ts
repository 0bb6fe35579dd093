/** Links in terminals: those to a machine open in a preview, others in a tab of their own. */
import type { NodeName } from '../../worker/net/lan.ts';
import { parsePreviewAddress } from '../../worker/preview/address.ts';
import { previews } from '../preview/previews.svelte.ts';
import { isWebAddress } from './web-address.ts';

/** Opens `address`, which a program on `node` has printed, if it is an http(s) URL. */
export function openLink(address: string, node: NodeName): void {
  if (!isWebAddress(address)) return;
  const from = { name: 'localhost', node, port: 80, path: '/' };
  const target = parsePreviewAddress(address, from);
  if ('node' in target) void previews.open(target);
  else if ('secure' in target) void previews.follow(address, from);
  // The new tab knows nothing of this one.
  else window.open(address, '_blank', 'noopener,noreferrer');
}
