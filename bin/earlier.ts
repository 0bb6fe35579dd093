/**
 * What a new deployment takes along of earlier ones: the content-addressed files of their machines. A session that was
 * saved with an earlier release reads its disk from them.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** Paths in a release whose names carry the hash of their content, so that they mean the same in each release. */
const CONTENT_ADDRESSED = [
  /^files\/[\w.-]+-[0-9a-f]{12}\.\w+(?:\.br)?$/,
  /^chunks\/[0-9a-f]{2}\/[0-9a-f]{32}\.zst$/,
];

const MANIFEST = 'machine/manifest.json';

/**
 * The machines (folders of releases) of earlier deployments: each of `folders` is one, or holds several.
 * @throws Error with all folders that are no deployment, or that the build of `output` will empty
 */
export function earlierMachines(folders: readonly string[], output: string): string[] {
  const found = folders.map((folder) => deploymentsIn(folder));
  const problems = folders.flatMap((folder, i) => {
    if (found[i]?.length === 0)
      return `${folder} is no deployment of Drydock, nor has it any: there is no ${MANIFEST}. Name a folder that an earlier build left as dist/.`;
    if (found[i]?.some((deployment) => isInside(deployment, output)))
      return `${output} is emptied by this build. Copy it elsewhere and name the copy.`;
    return [];
  });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return found.flat().map((deployment) => join(deployment, 'machine'));
}

/** What was added to a release. */
export interface CarriedOver {
  files: number;
  bytes: number;
}

/** Copies into the release at `machine` what it lacks of the content-addressed files of `earlier` ones. */
export function carryOver(earlier: readonly string[], machine: string): CarriedOver {
  const added: CarriedOver = { files: 0, bytes: 0 };
  for (const from of earlier) {
    for (const path of contentAddressed(from)) {
      const to = join(machine, path);
      if (existsSync(to)) continue;
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(join(from, path), to);
      added.files++;
      added.bytes += statSync(to).size;
    }
  }
  return added;
}

function deploymentsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const candidates = [folder, ...readdirSync(folder).map((name) => join(folder, name))];
  return candidates.filter((candidate) => existsSync(join(candidate, MANIFEST)));
}

function isInside(path: string, folder: string): boolean {
  return `${resolve(path)}${sep}`.startsWith(`${resolve(folder)}${sep}`);
}

function contentAddressed(machine: string): string[] {
  return readdirSync(machine, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(machine, join(parentPath, name)).replaceAll(sep, '/'))
    .filter((path) => CONTENT_ADDRESSED.some((pattern) => pattern.test(path)));
}
