/** How quantities are written in the app. */

const MEGA = 1_000_000;
const MEBI = 1 << 20;

/** A download's size: decimal megabytes, as browsers show them. */
export function megabytes(bytes: number): string {
  const value = bytes / MEGA;
  return value < 9.95 && value > 0 ? value.toFixed(1) : value.toFixed(0);
}

/** What a device has, or has to have: decimal gigabytes. */
export function gigabytes(bytes: number): string {
  return (bytes / MEGA / 1000).toFixed(1);
}

/** The size of a file or an image, with its unit. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < MEGA / 10) return `${(bytes / 1000).toFixed(0)} KB`;
  if (bytes < 1000 * MEGA) return `${megabytes(bytes)} MB`;
  return `${gigabytes(bytes)} GB`;
}

/** Memory: binary megabytes, as `free -m` in the machine shows them. */
export function mebibytes(bytes: number): string {
  return (bytes / MEBI).toFixed(0);
}

/** A share from 0 to 1 in per cent. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

/** `1 step`, `5 steps`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The time of the day, as the user's clock shows it: `12:41`. */
export function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** How long ago something was: `5 minutes ago`, and from two days on the date. */
export function timeAgo(at: number, now = Date.now()): string {
  const minutes = Math.round((now - at) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return RELATIVE.format(-minutes, 'minute');
  const hours = Math.round(minutes / 60);
  if (hours < 48) return RELATIVE.format(-hours, 'hour');
  return new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' });
}
