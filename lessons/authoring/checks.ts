/** What can be told of a check by reading it. */

/** Whether a check script can only end well: no command in it decides. */
export function looksVacuous(script: string): boolean {
  const lines = script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const fails = lines.some((line) => /\bexit\s+[1-9]|\bfalse\b|\breturn\s+[1-9]|set -\w*e/.test(line));
  const last = lines.at(-1) ?? '';
  const endsWell = /^(exit 0|true|:|echo\b.*|printf\b.*|fi|done|.*\|\|\s*(true|:)|)$/.test(last);
  return (
    lines.length === 0 ||
    (!fails && endsWell) ||
    // Any other line passes. In the midst of a pipeline it only narrows what the next one looks at.
    lines.some((line) => /\|\s*grep\s+(-\w+\s+)*-\w*v[^|]*$/.test(line))
  );
}

/** Whether a script waits by a fixed time. */
export function sleeps(script: string): boolean {
  return /(^|[;&|\s])sleep\s+\d/m.test(script);
}
