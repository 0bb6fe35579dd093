/**
 * The reference of the format, made from the schemas: `lessons/FORMAT.md` for authors, and a JSON Schema of the front
 * matter for their editors. A test fails while they are not those of the code.
 */
import { markdownTable } from 'markdown-table';
import { z } from 'zod';
import { cableSchema, machineStates, plainFaults } from '../format/fault.ts';
import {
  frontMatterSchema,
  hintAttributesSchema,
  quizAttributesSchema,
  runAttributesSchema,
  scriptAttributesSchema,
  taskAttributesSchema,
  valueAttributesSchema,
} from '../format/schema.ts';

interface BlockReference {
  title: string;
  text: string;
  example: string;
  attributes?: z.ZodObject;
  /** Words that stand in the block, and what each means. */
  words?: Record<string, string>;
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
    text: 'A click types it into a terminal. Several lines are typed one after the other. After `run` stand words, `node=NAME` and `terminal=N`:',
    example: '```run interrupt node=node2 terminal=2\ndocker logs web\n```',
    attributes: runAttributesSchema,
  },
  {
    title: 'A value from the machine',
    text: 'Bash that prints what only the machine knows: an id, an address, a token. Commands use it as `@{name}`, wherever in the lesson the block stands. It is read when the command is clicked. After the name may stand `node=NAME`.',
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
    text: 'A line that says what to do; then, in any order, a `check`, a `solution`, hints, mutations, and where the task begins in a situation of its own, an `init`. All are bash, run as root on a machine. See [AUTHORING.md](AUTHORING.md) for what makes a good check.',
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
    title: 'The blocks of a task on several nodes',
    text: 'There may be several blocks of a kind: those of an `init`, of a `solution` and of mutations with the same name are done in order, and of several `check` blocks all must pass. After the word stand `node=NAME` and, first, `fault`. A check cannot look into a machine that is off: it then fails, and says which one is off.',
    example: `::::task{#failover}
Write \`gone\` into \`/root/log\` on node1, and pull the plug of node2.

\`\`\`check fault
node2 is off
\`\`\`

\`\`\`check
[ "$(cat /root/log 2>/dev/null)" = gone ] && exit
echo 'There is no “gone” in /root/log on node1.'
exit 1
\`\`\`

:::hint
The menu of a node has it.
:::

\`\`\`solution node=node1
echo gone > /root/log
\`\`\`

\`\`\`solution fault
cut-power node2
\`\`\`

\`\`\`mutation it only stands still
echo gone > /root/log
\`\`\`

\`\`\`mutation fault it only stands still
pause node2
\`\`\`
::::`,
    attributes: scriptAttributesSchema,
  },
  {
    title: 'A fault',
    text: 'A button that does something to machines from outside. What stands after `fault` is written on it; without, the button says itself what it does. The same lines stand in the `fault` blocks of a task. What is so already is not done again.',
    example:
      '```fault Make the cable of node3 bad\ncable node3 delay=500 loss=0.05 rate=1000000\n```\n\n```fault\ncut-power node2\n```',
    words: {
      ...plainFaults,
      cable:
        'replaces the network cable, plugged in or not: by one with the faults below, or by a `sound` one',
    },
    attributes: cableSchema,
  },
  {
    title: 'A condition',
    text: 'In a `check fault` block each line is `NODE is STATE`, looked at from outside: the machine need not run.',
    example: '```text\nnode2 is off\nnode3 is unplugged\n```',
    words: machineStates,
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
  {
    title: 'Speaker notes',
    text: 'What a teacher who presents the step to a class wants to be reminded of. They are shown in the window of notes of the presenter mode and nowhere else. They stand in a step itself, in no other block, and hold running text; a step may have several, which are shown one below the other.',
    example: ':::notes\nAsk before you press Enter: what will `docker ps` show now?\n\n- 3 minutes\n:::',
  },
];

/** The text of `lessons/FORMAT.md`. */
export function formatReference(): string {
  const blocks = BLOCKS.map(({ title, text, example, attributes, words }) =>
    [
      `### ${title}`,
      text,
      fenced(example),
      ...(words ? [wordTable(words)] : []),
      ...(attributes ? [attributeTable(attributes)] : []),
    ].join('\n\n'),
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

function wordTable(words: Record<string, string>): string {
  const rows = Object.entries(words).map(([word, meaning]) => [`\`${word}\``, meaning]);
  return markdownTable([['word', 'what it means'], ...rows]);
}

function isOptional(type: z.ZodType): boolean {
  return type.safeParse(undefined).success;
}

function fenced(example: string): string {
  return example.includes('```')
    ? `\`\`\`\`markdown\n${example}\n\`\`\`\``
    : `\`\`\`markdown\n${example}\n\`\`\``;
}
