/** Names in a sentence: `“a”, “b” or “c”`. */
export function listed(names: readonly string[], conjunction: 'and' | 'or'): string {
  const format = new Intl.ListFormat('en-GB', { type: conjunction === 'or' ? 'disjunction' : 'conjunction' });
  return format.format(names.map((name) => `“${name}”`));
}
