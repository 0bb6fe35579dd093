/** What can be wrong with a lesson file, and the error that reports all of it at once. */

/** A place in the source; line and column count from 1. */
export interface Place {
  line: number;
  column: number;
}

export interface Problem extends Place {
  file: string;
  /** What is wrong and what was expected. */
  message: string;
}

export class LessonError extends Error {
  override readonly name = 'LessonError';

  /** `problems` has at least one entry. */
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map((problem) => describeProblem(problem)).join('\n'));
  }
}

/** A problem as compilers tell it, which editors and terminals make a link of. */
export function describeProblem({ file, line, column, message }: Problem): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** Collects the problems of one file while it is read. */
export class ProblemList {
  readonly #file: string;
  readonly #problems: Problem[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  /** Notes a problem at `at`: a place, or a Markdown node that starts there. */
  add(at: Place | { position?: { start: Place } | undefined }, message: string): void {
    const { line, column } = 'line' in at ? at : (at.position?.start ?? { line: 1, column: 1 });
    this.#problems.push({ file: this.#file, line, column, message });
  }

  /** The error to throw, in the order of the source, or undefined when all is well. */
  get error(): LessonError | undefined {
    if (this.#problems.length === 0) return undefined;
    return new LessonError(this.#problems.toSorted((a, b) => a.line - b.line || a.column - b.column));
  }
}
