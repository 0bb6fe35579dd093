/** Puts our script into a page as it streams by, before any of its own. */
import { escapeHtml } from './escape-html.ts';
import { PAGE_SCRIPT } from './paths.ts';

/** How far into a page its head may begin, in bytes; a page without one has its script at its beginning. */
const LOOK_BYTES = 4096;

/**
 * @param hosts what the machine's port may be called, for our script
 * @param cookies what scripts of the page see of its cookies
 */
export function withScript(
  page: ReadableStream<Uint8Array<ArrayBuffer>>,
  hosts: readonly string[],
  cookies: string,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const tag = new TextEncoder().encode(
    `<script src="${PAGE_SCRIPT}" data-hosts="${hosts.join(' ')}" data-cookies="${escapeHtml(cookies)}"></script>`,
  );
  const insert = (
    controller: TransformStreamDefaultController<Uint8Array<ArrayBuffer>>,
    at: number,
  ): void => {
    for (const part of [begin.slice(0, at), tag, begin.slice(at)])
      if (part.length > 0) controller.enqueue(part);
  };
  let begin = new Uint8Array();
  let phase: 'looking' | 'passing' = 'looking';
  return page.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(bytes, controller) {
        if (phase === 'passing') {
          controller.enqueue(bytes);
          return;
        }
        const longer = new Uint8Array(begin.length + bytes.length);
        longer.set(begin);
        longer.set(bytes, begin.length);
        begin = longer;
        const at = placeIn(begin, begin.length >= LOOK_BYTES);
        if (at === undefined) return;
        phase = 'passing';
        insert(controller, at);
      },
      flush(controller) {
        if (phase === 'looking') insert(controller, placeIn(begin, true) ?? 0);
      },
    }),
  );
}

/** Behind `<head>`, else behind `<!doctype>`; undefined while a head may still come. */
function placeIn(begin: Uint8Array, isEnough: boolean): number | undefined {
  // A byte a character, so that places are those of the bytes, whatever the page is written in.
  const text = Array.from(begin.subarray(0, LOOK_BYTES), (byte) => String.fromCharCode(byte)).join('');
  const head = /<head(?:\s[^>]*)?>/i.exec(text);
  if (head) return head.index + head[0].length;
  if (!isEnough && !/<body[\s>]/i.test(text)) return undefined;
  return /^\s*<!doctype[^>]*>/i.exec(text)?.[0].length ?? 0;
}
