/** What the Engine of a node says of its containers, as far as their files are concerned. */
import { DrydockError } from '../../worker/error.ts';
import { z } from '../../worker/schema.ts';
import { nameOf } from '../engine/engine-json.ts';
import type { Guest } from './guest.ts';
import type { ContainerName } from './place.ts';

const ID = z.string().check(z.regex(/^[0-9a-f]{64}$/));

const listSchema = z.array(
  z.object({ Id: ID, Names: z.array(z.string()), Image: z.string(), State: z.string() }),
);

const detailsSchema = z.object({
  State: z.object({ Running: z.boolean(), Pid: z.int() }),
  Config: z.object({ WorkingDir: z.optional(z.string()) }),
  Mounts: z.optional(
    z.array(
      z.object({
        Source: z.optional(z.string()),
        Destination: z.string(),
        RW: z._default(z.boolean(), true),
      }),
    ),
  ),
  HostsPath: z.optional(z.string()),
  HostnamePath: z.optional(z.string()),
  ResolvConfPath: z.optional(z.string()),
});

/** A container in a list of them. */
export interface ListedContainer extends ContainerName {
  image: string;
  /** As the Engine calls it: `running`, `exited`. */
  state: string;
}

/** What is needed to get at a container's files. */
export interface ContainerDetails {
  /** Its first process, on the node; undefined when it does not run. */
  pid: number | undefined;
  workingFolder: string;
  /** Where on the node what is mounted in the container is, by the path that it has there. */
  mounts: ReadonlyMap<string, string>;
  /** Those of them that the container may not write to. */
  readOnly: ReadonlySet<string>;
}

/** All containers of a node, those that run first. @throws DrydockError */
export async function listContainers(guest: Guest): Promise<ListedContainer[]> {
  const { bytes } = await guest.ask({ method: 'GET', target: '/containers/json?all=1' });
  return parseContainers(new TextDecoder().decode(bytes));
}

/** Reads the Engine's list of containers. */
export function parseContainers(json: string): ListedContainer[] {
  const runs = (state: string): number => (state === 'running' || state === 'paused' ? 0 : 1);
  return listSchema
    .parse(JSON.parse(json))
    .map(({ Id, Names, Image, State }) => ({
      id: Id,
      name: nameOf(Names) || Id.slice(0, 12),
      image: Image,
      state: State,
    }))
    .sort((a, b) => runs(a.state) - runs(b.state) || a.name.localeCompare(b.name, 'en'));
}

/** Looks at one container; undefined if there is none of that id. @throws DrydockError */
export async function inspectContainer(guest: Guest, id: string): Promise<ContainerDetails | undefined> {
  try {
    const { bytes } = await guest.ask({ method: 'GET', target: `/containers/${id}/json` });
    return parseDetails(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof DrydockError && error.details['status'] === 404) return undefined;
    throw error;
  }
}

/** Reads what the Engine says of one container. */
export function parseDetails(json: string): ContainerDetails {
  const { State, Config, Mounts, HostsPath, HostnamePath, ResolvConfPath } = detailsSchema.parse(
    JSON.parse(json),
  );
  const mounts = [
    ['/etc/hosts', HostsPath],
    ['/etc/hostname', HostnamePath],
    ['/etc/resolv.conf', ResolvConfPath],
    ...(Mounts ?? []).map(({ Source, Destination }) => [Destination, Source] as const),
  ] as const;
  return {
    pid: State.Running && State.Pid > 1 ? State.Pid : undefined,
    workingFolder: Config.WorkingDir ?? '',
    readOnly: new Set((Mounts ?? []).filter(({ RW }) => !RW).map(({ Destination }) => Destination)),
    mounts: new Map(mounts.filter((mount): mount is readonly [string, string] => Boolean(mount[1]))),
  };
}

/** Starts a container that does not run. @throws DrydockError */
export async function startContainer(guest: Guest, id: string): Promise<void> {
  await guest.ask({ method: 'POST', target: `/containers/${id}/start` });
}
