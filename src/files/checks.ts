/** What is wrong with a text, shown in the editor as it is typed. */
import { jsonParseLinter } from '@codemirror/lang-json';
import { linter, lintGutter, type Diagnostic } from '@codemirror/lint';
import type { Text } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { Util } from 'dockerfile-ast/lib/util.js';
import { validate, ValidationSeverity } from 'dockerfile-utils';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parseAllDocuments } from 'yaml';

// It asks for Node's Buffer, which browsers have not.
Util.isUTF8BOM = (character) => character === '\ufeff';

/** How long nothing is typed before it is looked, in milliseconds. */
const DELAY = { delay: 500 };

/** More than this takes long to check on each change. */
const MAX_CHECKED = 200_000;

/** DiagnosticSeverity of the Language Server Protocol. */
const SEVERITIES: Record<number, Diagnostic['severity'] | undefined> = {
  1: 'error',
  2: 'warning',
  3: 'info',
};

/** What Docker's builder would refuse, and what it would warn of. */
export function dockerfileDiagnostics(text: string): Diagnostic[] {
  const lines = TextDocument.create('', 'dockerfile', 0, text);
  return validate(text, {
    deprecatedMaintainer: ValidationSeverity.WARNING,
    directiveCasing: ValidationSeverity.WARNING,
    emptyContinuationLine: ValidationSeverity.WARNING,
    instructionCasing: ValidationSeverity.WARNING,
    instructionCmdMultiple: ValidationSeverity.WARNING,
    instructionEntrypointMultiple: ValidationSeverity.WARNING,
    instructionHealthcheckMultiple: ValidationSeverity.WARNING,
    instructionJSONInSingleQuotes: ValidationSeverity.WARNING,
    instructionWorkdirRelative: ValidationSeverity.WARNING,
  }).map(({ range, severity, message }) => ({
    from: lines.offsetAt(range.start),
    to: lines.offsetAt(range.end),
    severity: SEVERITIES[severity ?? 1] ?? 'error',
    message: typeof message === 'string' ? message : message.value,
  }));
}

/** What is no YAML, in any of a file's documents. */
export function yamlDiagnostics(text: string): Diagnostic[] {
  const documents = parseAllDocuments(text, { prettyErrors: false });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap(({ errors, warnings }) =>
    [...errors, ...warnings].map(({ name, pos: [from, to], message }) => ({
      from,
      to,
      severity: name === 'YAMLWarning' ? ('warning' as const) : ('error' as const),
      message,
    })),
  );
}

/** Hints for a Dockerfile. */
export const checkDockerfile = checker(dockerfileDiagnostics);

/** Hints for YAML. */
export const checkYaml = checker(yamlDiagnostics);

/** Hints for JSON. */
export const checkJson = [
  linter(
    (view) => (view.state.doc.length > 0 && isChecked(view.state.doc) ? jsonParseLinter()(view) : []),
    DELAY,
  ),
  lintGutter(),
];

function checker(diagnose: (text: string) => Diagnostic[]): ReturnType<typeof linter>[] {
  const source = ({ state: { doc } }: EditorView): Diagnostic[] =>
    isChecked(doc) ? diagnose(doc.toString()).map((each) => within(each, doc.length)) : [];
  return [linter(source, DELAY), lintGutter()];
}

function isChecked({ length }: Text): boolean {
  return length <= MAX_CHECKED;
}

/** A place beyond the end would be refused by the editor. */
function within(diagnostic: Diagnostic, length: number): Diagnostic {
  const from = Math.min(Math.max(diagnostic.from, 0), length);
  return { ...diagnostic, from, to: Math.min(Math.max(diagnostic.to, from), length) };
}
