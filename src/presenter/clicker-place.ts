import type { ClickerPlace } from './clicker.ts';

/** What has its own use for the keys of a remote while the focus is in it. */
const CONTROLS = [
  '[role=dialog]',
  '[role=alertdialog]',
  '[role=menu]',
  '[role=listbox]',
  '[role=tablist]',
  '[role=tree]',
  '[role=separator]',
  '[role=slider]',
  '[role=radiogroup]',
  '[role=application]',
  'fieldset',
  'iframe',
].join(', ');

/**
 * Where `target` is for a presenter's remote.
 * @param fullScreen whether a full-screen program has the terminal in use
 */
export function clickerPlace(target: EventTarget | null, fullScreen: boolean): ClickerPlace {
  if (!(target instanceof Element)) return 'page';
  if (target.closest('.xterm')) return fullScreen ? 'program' : 'terminal';
  if (target.matches('input, textarea, select') || target.closest('[contenteditable], .cm-editor'))
    return 'field';
  if (target.closest('[data-presenter-bar]')) return 'bar';
  return target.closest(CONTROLS) ? 'control' : 'page';
}

/** Whether nothing in particular has the focus, so that Escape is meant for the whole page. */
export function isNowhere(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof Element && target.matches('[data-region]'));
}
