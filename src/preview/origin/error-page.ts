/** What a preview shows instead of a page that there is not: what happened, why, and what to do. */
import type { PreviewFailure } from '../../../worker/preview/protocol.ts';
import { escapeHtml } from './escape-html.ts';

/** `closed`: there is no way to a machine. `other`: the address is of another port. `outside`: it leads elsewhere. */
export type PageError = PreviewFailure | 'closed' | 'other' | 'outside';

const WORDS: Record<PageError, { title: string; advice: string }> = {
  refused: {
    title: 'Nothing answers on this port',
    advice:
      'See with <code>docker ps</code> whether the container runs and which ports it publishes. One that has just started may need a moment.',
  },
  timeout: {
    title: 'No answer came in time',
    advice: 'The program may be busy, or hang. <code>docker logs</code> shows what it says.',
  },
  unreadable: {
    title: 'The answer cannot be shown',
    advice:
      'If the connection was accepted and then broken off, the program in the container listens on another port than the one that is published, or only on 127.0.0.1 of its container. If it does not speak HTTP, there is nothing to see here.',
  },
  stopped: {
    title: 'The machine was stopped',
    advice: 'Load this page again when it runs.',
  },
  closed: {
    title: 'This page belongs to a playground that is not open',
    advice: 'Open the playground, and the port from there.',
  },
  outside: {
    title: 'This page leads elsewhere',
    advice:
      'It sends its readers to another address. One of your machines can be typed into the address bar of the preview; another computer is out of their reach, as there is no internet in them.',
  },
  other: {
    title: 'This is another port',
    advice: 'Type its address into the address bar of the preview.',
  },
};

/**
 * The page, as HTML.
 * @param detail plain text
 * @param again in how many seconds it loads itself again, if it does
 */
export function errorPage(reason: PageError, detail: string, again?: number): string {
  const { title, advice } = WORDS[reason];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">${again === undefined ? '' : `\n<meta http-equiv="refresh" content="${again}">`}
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 34rem; margin: 12vh auto; padding: 0 1.5rem; }
  h1 { font-size: 1.25rem; }
  code { font-family: ui-monospace, monospace; font-size: 0.9em; }
  small { opacity: 0.7; overflow-wrap: anywhere; }
</style>
<h1>${title}</h1>
<p>${advice}</p>
<p>${again === undefined ? '' : 'It is tried again every few seconds. '}<a href="">Load again</a></p>
<p><small>${escapeHtml(detail)}</small></p>
`;
}
