/** Whether `address` is an http(s) URL: what a program prints is not trusted, and nothing else is opened. */
export function isWebAddress(address: string): boolean {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}
