/**
 * Everything that the user can do, in one list: the palette shows it, keys run it, the dialog of shortcuts
 * prints it. Each part of the app that is on the screen adds its own.
 */
import { untrack } from 'svelte';
import { isApple, matches, type KeyPress } from './shortcut.ts';

export type CommandGroup =
  'Go to' | 'Lesson' | 'Terminal' | 'Machine' | 'Session' | 'Images' | 'View' | 'Presenter';

export interface Command {
  id: string;
  group: CommandGroup;
  title: string;
  /** Works wherever the focus is, terminals included. */
  keys?: string;
  /** Works outside terminals and text fields, where the key means something else. */
  pageKeys?: string;
  /** Works only in a terminal. */
  terminalKeys?: string;
  /** Left to the browser, or to a part of the app that knows more of the place; only shown. */
  nativeKeys?: string;
  /** Why it cannot be done now; absent when it can. */
  unavailable?: string | undefined;
  run: () => void;
}

/** Where the focus is, as far as keys are concerned. */
export type KeyPlace = 'page' | 'terminal' | 'field';

type Source = () => Command[];

export const apple = isApple(navigator.platform);

class Commands {
  #sources = $state.raw<Source[]>([]);
  readonly all = $derived(this.#sources.flatMap((source) => source()));

  /** Adds the commands that `source` gives; returns what takes them away. To be called in an effect. */
  add(source: Source): () => void {
    untrack(() => (this.#sources = [...this.#sources, source]));
    return () => (this.#sources = this.#sources.filter((each) => each !== source));
  }

  /** Runs the command that `press` stands for at `place`; false if there is none. */
  runFor(press: KeyPress, place: KeyPlace): boolean {
    const command = this.all.find((each) => answers(each, press, place));
    if (!command) return false;
    if (command.unavailable === undefined) command.run();
    return true;
  }
}

/** The keys to show beside a command. */
export function shownKeys({ keys, pageKeys, terminalKeys, nativeKeys }: Command): string[] {
  return [keys, pageKeys, terminalKeys, nativeKeys].filter((each) => each !== undefined);
}

function answers({ keys, pageKeys, terminalKeys }: Command, press: KeyPress, place: KeyPlace): boolean {
  if (terminalKeys && place === 'terminal' && matches(terminalKeys, press, apple)) return true;
  // In a text field Ctrl+Shift with an arrow selects words, and with Z does again what was undone.
  if (keys && matches(keys, press, apple)) return place !== 'field' || !/Arrow|\+Z$/.test(keys);
  if (!pageKeys || !matches(pageKeys, press, apple)) return false;
  // ⌘ means nothing to a shell.
  return place === 'page' || press.metaKey;
}

export const commands = new Commands();
