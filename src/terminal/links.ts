/** Links in terminals: what a program prints is not trusted, so only web addresses open, in a tab of their own. */

/** Opens `address` if it is an http(s) URL; the new tab knows nothing of this one. */
export function openLink(address: string): void {
  if (isWebAddress(address)) window.open(address, '_blank', 'noopener,noreferrer');
}

/** Whether `address` is an http(s) URL. */
export function isWebAddress(address: string): boolean {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}
