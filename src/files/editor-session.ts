/**
 * The text of an open file in the editor: CodeMirror's state of it, which outlives the view that shows it, with all that was
 * typed and can be undone.
 */
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, foldKeymap, indentOnInput, indentUnit } from '@codemirror/language';
import { forEachDiagnostic, lintKeymap, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import {
  Compartment,
  EditorState,
  Prec,
  type Extension,
  type StateEffect,
  type Text,
  type TransactionSpec,
} from '@codemirror/state';
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { lineEndOf } from './content.ts';
import { languageOf, type Language } from './languages.ts';
import { minimalChange } from './minimal-change.ts';
import type { OpenFile, TextEditing } from './open-file.svelte.ts';
import { editorTheme } from './theme.ts';

/** What is said of the place that the cursor is at. */
export interface CursorStatus {
  line: number;
  column: number;
  language: string;
  problems: number;
  /** The problem at the cursor's line, or else the first one. */
  problem: { line: number; message: string; severity: Diagnostic['severity'] } | undefined;
}

/** What keys of the editor do in the app. */
export interface EditorKeys {
  onSave: () => void;
  /** F6, or with Shift the other way, leaves the editor. */
  onLeave: (direction: 1 | -1) => void;
}

export class EditorSession implements TextEditing {
  readonly #file: OpenFile;
  readonly #language = new Compartment();
  readonly #separator = new Compartment();
  /** How lines end in the file. */
  #lineEnd: '\n' | '\r\n';
  #languageInUse: Language | undefined;
  #state: EditorState;
  #saved: Text;
  #view: EditorView | undefined;
  #scroll: StateEffect<unknown> | undefined;
  /** Told whenever something of it may be other than before. */
  onStatus: (status: CursorStatus) => void = () => undefined;

  constructor(file: OpenFile, text: string, keys: EditorKeys) {
    this.#file = file;
    this.#lineEnd = lineEndOf(text);
    this.#state = EditorState.create({ doc: text, extensions: this.#extensions(text, keys) });
    this.#saved = this.#state.doc;
    this.rename();
  }

  /** Shows it in `view`; the view shows another one no longer. */
  attach(view: EditorView): void {
    this.#view = view;
    view.setState(this.#state);
    if (this.#scroll) view.dispatch({ effects: this.#scroll });
    view.contentDOM.setAttribute('aria-label', `Content of ${this.#file.name}`);
    this.#tell();
  }

  /** Keeps what its view shows for the next one. */
  detach(): void {
    if (!this.#view) return;
    this.#state = this.#view.state;
    this.#scroll = this.#view.scrollSnapshot();
    this.#view = undefined;
  }

  snapshot(): { text: string; version: Text } {
    const { doc } = this.#current;
    return { text: doc.sliceString(0, doc.length, this.#lineEnd), version: doc };
  }

  markSaved(version: unknown): void {
    // What `snapshot` gave.
    this.#saved = version as Text;
    this.#noteModified();
  }

  replace(text: string): void {
    this.#lineEnd = lineEndOf(text);
    this.#dispatch({ effects: this.#separator.reconfigure(separatorOf(text)) });
    const { doc } = this.#current;
    const next = this.#current.toText(text);
    const change = minimalChange(doc.toString(), next.toString());
    if (change)
      this.#dispatch({
        changes: { ...change, insert: next.slice(change.from, change.from + change.insert.length) },
      });
    this.#saved = this.#current.doc;
    this.#noteModified();
  }

  focus(): boolean {
    this.#view?.focus();
    return this.#view !== undefined;
  }

  rename(): void {
    const language = languageOf(this.#file.path, this.#state.doc.line(1).text);
    this.#view?.contentDOM.setAttribute('aria-label', `Content of ${this.#file.name}`);
    if (language === this.#languageInUse) return;
    this.#languageInUse = language;
    const use = (extension: Extension): void => {
      if (this.#languageInUse === language)
        this.#dispatch({ effects: this.#language.reconfigure(extension) });
    };
    if (language)
      // Without a network it may not come: the text is then shown plain.
      language.load().then(use, () => undefined);
    else use([]);
  }

  get #current(): EditorState {
    return this.#view?.state ?? this.#state;
  }

  #dispatch(change: TransactionSpec): void {
    if (this.#view) this.#view.dispatch(change);
    else this.#state = this.#state.update(change).state;
  }

  #noteModified(): void {
    this.#file.noteModified(!this.#current.doc.eq(this.#saved));
  }

  #tell(): void {
    const { doc, selection } = this.#current;
    const { number, from } = doc.lineAt(selection.main.head);
    const found: { line: number; message: string; severity: Diagnostic['severity'] }[] = [];
    forEachDiagnostic(this.#current, ({ message, severity }, start) => {
      found.push({ line: doc.lineAt(Math.min(start, doc.length)).number, message, severity });
    });
    this.onStatus({
      line: number,
      column: selection.main.head - from + 1,
      language: this.#languageInUse?.title ?? 'Text',
      problems: found.length,
      problem: found.find(({ line }) => line === number) ?? found[0],
    });
  }

  #extensions(text: string, { onSave, onLeave }: EditorKeys): Extension {
    const run = (action: () => void) => (): boolean => {
      action();
      return true;
    };
    return [
      lineNumbers(),
      highlightActiveLineGutter(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      dropCursor(),
      EditorState.allowMultipleSelections.of(true),
      this.#separator.of(separatorOf(text)),
      // What is dropped on the pane is uploaded.
      Prec.highest(
        EditorView.domEventHandlers({
          drop: (event) => event.dataTransfer?.types.includes('Files') ?? false,
        }),
      ),
      indentUnit.of(indentOf(text)),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      highlightActiveLine(),
      highlightSelectionMatches(),
      search({ top: true }),
      keymap.of([
        { key: 'Mod-s', preventDefault: true, run: run(onSave) },
        {
          key: 'F6',
          run: run(() => {
            onLeave(1);
          }),
          shift: run(() => {
            onLeave(-1);
          }),
        },
        ...closeBracketsKeymap,
        ...searchKeymap,
        ...historyKeymap,
        ...foldKeymap,
        ...lintKeymap,
        indentWithTab,
        ...defaultKeymap,
      ]),
      this.#language.of([]),
      // It can be reached without it too, but nothing says so.
      EditorView.contentAttributes.of({
        tabindex: '0',
        'aria-description': 'Escape, then Tab leaves the editor.',
      }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) this.#noteModified();
        this.#tell();
      }),
      editorTheme,
    ];
  }
}

/**
 * What the editor takes for the end of a line: CR, LF or both, so that what is pasted from elsewhere is taken for lines too.
 * Only where CR stands for itself, it is LF.
 */
function separatorOf(text: string): Extension {
  const rest = lineEndOf(text) === '\r\n' ? text.replaceAll('\r\n', '') : text;
  return rest.includes('\r') ? EditorState.lineSeparator.of('\n') : [];
}

/** How the text is indented already; by two spaces where it is not. */
function indentOf(text: string): string {
  const [, indent = '  '] = /^(\t| {2,8})\S/m.exec(text) ?? [];
  return indent;
}
