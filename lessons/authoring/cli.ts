/** `npm run lessons`: makes, checks, proves and shows lessons. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { buildImage } from '../../images/build.ts';
import { hubTags } from '../../images/catalogue/tags.ts';
import { compatibilityReport } from './import/imported.ts';
import { importKillercoda } from './import/killercoda.ts';
import { importPwd } from './import/pwd.ts';
import { formatReference, frontMatterJsonSchema } from './reference.ts';
import { explain, junitReport, tableReport } from './report.ts';
import { lintLessons } from './lint.ts';
import { proveLessons } from './prove.ts';
import { showLessons } from './show.ts';
import { LABS, lessonFile, lessonIds } from '../folder.ts';
import { IDENTIFIER, IDENTIFIER_RULE } from '../format/identifier.ts';
import { describeProblem } from '../format/problem.ts';

const USAGE = `npm run lessons -- new ID                  makes a lesson that passes, to begin with
npm run lessons -- check [ID...]           reads lessons and says what is wrong, without a machine
npm run lessons -- test [ID...]            proves every task and command on a machine
    [--jobs N] [--again | --noted] [--json FILE] [--junit FILE]
npm run lessons -- dev [ID]                shows lessons in the app as they are written
npm run lessons -- import pwd FILE.md...   takes over labs of Play with Docker
npm run lessons -- import killercoda DIR...    takes over scenarios of Killercoda
npm run lessons -- reference               writes FORMAT.md and lesson.schema.json anew from the code
All take --in FOLDER, for lessons that are not Drydock's own.`;

const { values, positionals } = readArguments();
const folder = values.in;
const [action, ...named] = positionals;

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        in: { type: 'string', default: LABS },
        jobs: { type: 'string' },
        again: { type: 'boolean', default: false },
        noted: { type: 'boolean', default: false },
        json: { type: 'string' },
        junit: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** The lessons that were named, or all. */
function wanted(): string[] {
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}.`);
  const known = lessonIds(folder);
  const unknown = named.filter((id) => !known.includes(id));
  if (unknown.length > 0) {
    const advice = unknown.some((id) => id.includes('/'))
      ? ' Options need -- before them: npm run lessons -- …'
      : '';
    throw new Error(
      `There is no lesson ${unknown.join(', ')} in ${folder}. There are: ${known.join(', ')}.${advice}`,
    );
  }
  return named.length > 0 ? named : known;
}

function make([id, ...more]: string[]): void {
  if (id === undefined || more.length > 0)
    throw new Error('Expected one id, as in: npm run lessons -- new my-lesson');
  if (!IDENTIFIER.test(id)) throw new Error(`“${id}” cannot be an id: it ${IDENTIFIER_RULE}.`);
  if (existsSync(join(folder, id))) throw new Error(`${join(folder, id)} is there already.`);
  cpSync(join(import.meta.dirname, 'template'), join(folder, id), { recursive: true });
  const file = lessonFile(folder, id);
  writeFileSync(file, readFileSync(file, 'utf8').replace('id: template', `id: ${id}`));
  console.log(`${relative('.', file)} is a lesson that passes. Read lessons/AUTHORING.md, then make it yours.
npm run lessons -- dev ${id}${folder === LABS ? '' : ` --in ${folder}`}    shows it while you write`);
}

function check(): void {
  const ids = wanted();
  const problems = lintLessons({ folder, ids, images: hubTags() });
  for (const problem of problems) console.error(describeProblem(problem));
  if (problems.length > 0) process.exitCode = 1;
  else console.log(`${ids.length} ${ids.length === 1 ? 'lesson' : 'lessons'} read, nothing wrong.`);
}

async function test(): Promise<void> {
  const ids = wanted();
  check();
  if (process.exitCode === 1) return;
  const jobs = values.jobs === undefined ? undefined : Number(values.jobs);
  if (jobs !== undefined && !(jobs >= 1))
    throw new Error('--jobs takes the number of machines side by side.');
  const proofs = await proveLessons({
    folder,
    ids,
    jobs,
    release: await buildImage(),
    trust: values.again ? 'nothing' : values.noted ? 'notes' : 'cache',
    onProof({ lesson, part, proved, seconds, findings }, from) {
      const time = { machine: `${seconds.toFixed(0)} s`, cache: 'from the cache', notes: 'noted' }[from];
      console.log(`${proved ? '✔' : '✘'} ${lesson}, ${part} (${time})`);
      for (const finding of findings.filter(({ ok }) => !ok)) console.log(`    ${explain(finding)}`);
    },
  });
  console.log(`\n${tableReport(proofs)}`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(proofs, null, 2)}\n`);
  if (values.junit !== undefined) writeFileSync(values.junit, junitReport(proofs));
  if (proofs.some(({ proved }) => !proved)) process.exitCode = 1;
}

/** Writes each lesson and, beside it, the report of what is not as it was. */
function importAll([format, ...sources]: string[]): void {
  if ((format !== 'pwd' && format !== 'killercoda') || sources.length === 0)
    throw new Error('Expected a format and what to import: import pwd FILE.md, or import killercoda DIR');
  const hub = hubTags();
  for (const source of sources) {
    const imported =
      format === 'pwd'
        ? importPwd(readFileSync(source, 'utf8'), basename(source), hub)
        : importKillercoda(source, hub);
    const target = join(folder, imported.id);
    if (existsSync(target)) throw new Error(`${target} is there already.`);
    mkdirSync(target, { recursive: true });
    writeFileSync(lessonFile(folder, imported.id), imported.lesson);
    writeFileSync(join(target, 'IMPORT.md'), compatibilityReport(imported, basename(source)));
    console.log(`${target}: ${imported.notes.length} notes in IMPORT.md`);
  }
}

async function writeReference(): Promise<void> {
  for (const [name, text] of [
    ['FORMAT.md', formatReference()],
    ['lesson.schema.json', frontMatterJsonSchema()],
  ] as const) {
    const filepath = join(import.meta.dirname, '..', name);
    writeFileSync(filepath, await format(text, { ...(await resolveConfig(filepath)), filepath }));
  }
}

try {
  if (values.help) console.log(USAGE);
  else if (action === 'new') make(named);
  else if (action === 'check') check();
  else if (action === 'test') await test();
  else if (action === 'dev' && named.length <= 1)
    await showLessons(folder, named.length > 0 ? wanted()[0] : undefined);
  else if (action === 'import') importAll(named);
  else if (action === 'reference') await writeReference();
  else {
    console.log(USAGE);
    process.exitCode = action === undefined ? 0 : 2;
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
