/** Reads the YAML front matter of a lesson and places its problems on the lines of the file. */
import type { RootContent } from 'mdast';
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { Place, ProblemList } from './problem.ts';
import { explainIssue, frontMatterSchema, type FrontMatter } from './schema.ts';

/** The front matter in `first`, the first node of a lesson; undefined when problems were noted. */
export function readFrontMatter(
  first: RootContent | undefined,
  problems: ProblemList,
): FrontMatter | undefined {
  if (first?.type !== 'yaml') {
    problems.add({ line: 1, column: 1 }, 'expected front matter: YAML between two lines of ---');
    return undefined;
  }
  const lines = new LineCounter();
  const yaml = parseDocument(first.value, { lineCounter: lines });
  const start = first.position?.start.line ?? 1;
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: start + line, column: col };
  };

  if (yaml.errors.length > 0) {
    for (const error of yaml.errors) {
      problems.add(
        place(error.pos[0]),
        `expected valid YAML: ${error.message.split(' at line')[0] ?? ''}${error.message.startsWith('Nested mappings') ? '. A value with a colon in it stands in quotes' : ''}`,
      );
    }
    return undefined;
  }
  const result = frontMatterSchema.safeParse(yaml.toJS() ?? {});
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const offset =
      issue.code === 'unrecognized_keys' ? keyOffset(yaml, issue.keys) : valueOffset(yaml, issue.path);
    problems.add(
      offset === undefined ? first : place(offset),
      `front matter: ${explainIssue(frontMatterSchema, issue)}`,
    );
  }
  return undefined;
}

function valueOffset(yaml: Document, path: PropertyKey[]): number | undefined {
  const node = path.length > 0 ? yaml.getIn(path, true) : yaml.contents;
  return isNode(node) ? node.range?.[0] : undefined;
}

function keyOffset(yaml: Document, names: string[]): number | undefined {
  if (!isMap(yaml.contents)) return undefined;
  const keys = yaml.contents.items.map((pair) => pair.key).filter(isScalar);
  return keys.find((key) => names.includes(String(key.value)))?.range?.[0];
}
