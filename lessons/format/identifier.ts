/** How an author may name a lesson, a task, a quiz or a value: it is used in addresses and in saved progress. */
export const IDENTIFIER = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** What is wrong with a name that is none. */
export const IDENTIFIER_RULE = 'must be lower-case letters, digits and single hyphens';

/** An identifier made from `text`; '' where it has no letter and no digit. */
export function identifierOf(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
