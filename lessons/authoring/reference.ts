/**
 * The reference of the format, made from the schemas: `lessons/FORMAT.md` for authors, and a JSON Schema of the front
 * matter for their editors. A test fails while they are not those of the code.
 */
import { markdownTable } from 'markdown-table';
import { z } from 'zod';
import {
  frontMatterSchema,
  hintAttributesSchema,
  quizAttributesSchema,
  runAttributesSchema,
  taskAttributesSchema,
  valueAttributesSchema,
} from '../format/schema.ts';

interface BlockReference {
  title: string;
  text: string;
  example: string;
  attributes?: z.ZodObject;
}

const BLOCKS: BlockReference[] = [
  {
    title: 'A step',
    text: 'A heading of the second level begins a step, a page of its own. The title of the lesson stands in the front matter; headings within a step have the third level.',
    example: '## Run a container',
  },
  {
    title: 'Running text',
    text: 'Markdown with tables. Links lead to `https://…` or to a page of the app (`#/images`, `#/images/nginx`, `#/lesson/ID`). Pictures are files of the lesson’s folder, with a text for who does not see them. A code block to read is one of `bash`, `dockerfile`, `json`, `yaml` and `text`. HTML cannot be used, but comments (`<!-- … -->`) can.',
    example: '![Two containers on one bridge](bridge.svg)',
  },
  {
    title: 'A command',
    text: 'A click types it into a terminal. Several lines are typed one after the other. After `run` stand words and `terminal=N`:',
    example: '```run interrupt terminal=2\ndocker logs web\n```',
    attributes: runAttributesSchema,
  },
  {
    title: 'A value from the machine',
    text: 'Bash that prints what only the machine knows: an id, an address, a token. Commands use it as `@{name}`, wherever in the lesson the block stands. It is read when the command is clicked.',
    example: '```value web-id\ndocker ps -q --filter name=web\n```\n\n```run\ndocker logs @{web-id}\n```',
    attributes: valueAttributesSchema,
  },
  {
    title: 'Output to compare with',
    text: 'What the command before it should print.',
    example: '```output\nhello from inside\n```',
  },
  {
    title: 'A task',
    text: 'A line that says what to do; then, in any order, one `check`, one `solution`, hints, mutations, and where the task begins in a situation of its own, one `init`. All are bash, run as root on the machine. See [AUTHORING.md](AUTHORING.md) for what makes a good check.',
    example: `::::task{#notes needs="hello" minutes=5}
Have a volume named \`notes\`.

\`\`\`init
docker volume create other
\`\`\`

\`\`\`check
docker volume inspect notes >/dev/null 2>&1 && exit
echo 'There is no volume named notes.'
exit 1
\`\`\`

:::hint
\`docker volume --help\`
:::

\`\`\`solution
docker volume create notes
\`\`\`

\`\`\`mutation another name
docker volume create note
\`\`\`
::::`,
    attributes: taskAttributesSchema,
  },
  {
    title: 'A hint',
    text: 'Within a task. Hints are shown one by one, from a nudge to nearly the answer.',
    example: ':::hint{when="no volume"}\n`docker volume ls` shows those that there are.\n:::',
    attributes: hintAttributesSchema,
  },
  {
    title: 'A quiz',
    text: 'A question; then one of: a list of `- [ ]` and `- [x]`, to choose from; a numbered list in the right order, which the reader puts in order; an `answer` block with what may be typed, one right answer a line. Last, an explanation, shown with the verdict.',
    example: `::::quiz{#kept}
What becomes of a volume when its container is removed?

- [x] It stays
- [ ] It is removed too

:::explanation
A volume is not a part of the container.
:::
::::`,
    attributes: quizAttributesSchema,
  },
  {
    title: 'A callout',
    text: '`note`, `tip` or `warning`.',
    example: ':::tip\nThe Tab key completes names of containers.\n:::',
  },
  {
    title: 'An aside',
    text: 'What only some readers want to know, folded away. Commands, tabs and quizzes may stand in it, tasks may not.',
    example: ':::aside[Why `sh -c`?]\nYour own shell reads the line first.\n:::',
  },
  {
    title: 'Tabs',
    text: 'Several ways to say or do the same, of which one is shown.',
    example: '::::tabs\n:::tab[docker run]\n…\n:::\n:::tab[Compose]\n…\n:::\n::::',
  },
];

/** The text of `lessons/FORMAT.md`. */
export function formatReference(): string {
  const blocks = BLOCKS.map(({ title, text, example, attributes }) =>
    [`### ${title}`, text, fenced(example), ...(attributes ? [attributeTable(attributes)] : [])].join('\n\n'),
  );
  return `<!-- Made from lessons/format/schema.ts by: npm run lessons -- reference -->

# The format of lessons

A lesson is a folder, named by its id, with \`lesson.md\` and the pictures that it shows. The file begins with front matter, YAML between two lines of \`---\`; the rest is Markdown with the blocks below. \`npm run lessons -- check\` says what is wrong, with line and column. A block that holds others has more colons than they have: \`::::task\` around \`:::hint\`.

## Front matter

${attributeTable(frontMatterSchema)}

\`lesson.schema.json\` is the same for editors that know JSON Schema.

## Blocks

${blocks.join('\n\n')}
`;
}

/** The JSON Schema of the front matter. */
export function frontMatterJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(frontMatterSchema, { io: 'input' }), null, 2)}\n`;
}

function attributeTable(schema: z.ZodObject): string {
  const rows = Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, type]) => [
    `\`${name}\``,
    isOptional(type) ? '' : 'yes',
    type.description ?? '',
  ]);
  return markdownTable([['name', 'required', 'what it is'], ...rows]);
}

function isOptional(type: z.ZodType): boolean {
  return type.safeParse(undefined).success;
}

function fenced(example: string): string {
  return example.includes('```')
    ? `\`\`\`\`markdown\n${example}\n\`\`\`\``
    : `\`\`\`markdown\n${example}\n\`\`\``;
}
