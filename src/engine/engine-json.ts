/**
 * What is read of the Engine's answers. An Engine is a program of the machine, which its user may exchange: what does not
 * fit is refused, and fields that older or newer versions leave out have a default.
 *
 * API: https://docs.docker.com/reference/api/engine/version/v1.45/
 */
import { z } from '../../worker/schema.ts';

/** A list that Go's encoder writes as `null` when it is empty. */
const list = <T extends z.ZodMiniType>(item: T) => z.nullish(z.array(item));
const text = z._default(z.string(), '');
const flag = z._default(z.boolean(), false);
const number = z._default(z.number(), 0);
const labels = z.nullish(z.record(z.string(), z.string()));

/** One of `GET /containers/json?all=1`. */
export const containerSchema = z.object({
  Id: z.string(),
  Names: list(z.string()),
  Image: text,
  ImageID: text,
  Command: text,
  Created: number,
  State: text,
  Status: text,
  Labels: labels,
  Ports: list(
    z.object({
      IP: z.optional(z.string()),
      PrivatePort: z.optional(z.int()),
      PublicPort: z.optional(z.int()),
      Type: text,
    }),
  ),
  HostConfig: z.nullish(z.object({ NetworkMode: text })),
  NetworkSettings: z.nullish(
    z.object({
      Networks: z.nullish(z.record(z.string(), z.nullable(z.object({ NetworkID: text, IPAddress: text })))),
    }),
  ),
  Mounts: list(
    z.object({
      Type: text,
      Name: text,
      Source: text,
      Destination: text,
      RW: z._default(z.boolean(), true),
    }),
  ),
});
export type EngineContainer = z.infer<typeof containerSchema>;

/** A container's own name has one slash; those that links give it in other containers have two. */
export function nameOf(names: EngineContainer['Names']): string {
  const own = names?.find((name) => name.lastIndexOf('/') === 0) ?? names?.[0] ?? '';
  return own.replace(/^\//, '');
}

/** One of `GET /networks`. */
export const networkSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Driver: text,
  Scope: text,
  Internal: flag,
  Ingress: flag,
  IPAM: z.nullish(z.object({ Config: list(z.object({ Subnet: text })) })),
});
export type EngineNetwork = z.infer<typeof networkSchema>;

const volumeSchema = z.object({ Name: z.string(), Driver: text, Mountpoint: text, Labels: labels });
export type EngineVolume = z.infer<typeof volumeSchema>;

/** What is read of `GET /volumes`. */
export const volumesSchema = z.object({ Volumes: list(volumeSchema) });

/** One of `GET /images/json`. */
export const imageSchema = z.object({
  Id: z.string(),
  RepoTags: list(z.string()),
  RepoDigests: list(z.string()),
  Created: number,
  Size: number,
});
export type EngineImage = z.infer<typeof imageSchema>;

/** One of `GET /services`. */
export const serviceSchema = z.object({
  ID: z.string(),
  Spec: z.object({
    Name: z.string(),
    Labels: labels,
    Mode: z.object({
      Replicated: z.nullish(z.object({ Replicas: number })),
      Global: z.nullish(z.object({})),
      ReplicatedJob: z.nullish(z.object({})),
      GlobalJob: z.nullish(z.object({})),
    }),
    TaskTemplate: z.object({
      ContainerSpec: z.nullish(z.object({ Image: text })),
      Networks: list(z.object({ Target: text })),
    }),
  }),
  Endpoint: z.nullish(
    z.object({
      Ports: list(
        z.object({
          PublishedPort: z.optional(z.int()),
          TargetPort: z.optional(z.int()),
          Protocol: text,
        }),
      ),
    }),
  ),
});
export type EngineService = z.infer<typeof serviceSchema>;

/** One of `GET /tasks`. */
export const taskSchema = z.object({
  ID: z.string(),
  ServiceID: text,
  NodeID: text,
  Slot: number,
  DesiredState: text,
  CreatedAt: text,
  Status: z.object({
    State: text,
    Err: text,
    ContainerStatus: z.nullish(z.object({ ContainerID: text })),
  }),
});
export type EngineTask = z.infer<typeof taskSchema>;

/** One of `GET /nodes`. */
export const memberSchema = z.object({
  ID: z.string(),
  Spec: z.object({ Role: text, Availability: text }),
  Description: z.object({ Hostname: text }),
  Status: z.object({ State: text, Addr: text }),
  ManagerStatus: z.nullish(z.object({ Leader: flag, Reachability: text })),
});
export type EngineMember = z.infer<typeof memberSchema>;

/** What is read of `GET /containers/ID/json`, beside what is shown of it as it is. */
export const containerDetailsSchema = z.object({ RestartCount: number });

/** What is read of `GET /images/ID/json`. */
export const imageDetailsSchema = z.object({
  RootFS: z.nullish(z.object({ Layers: list(z.string()) })),
});

/** An event, a line of `GET /events`. */
export const eventSchema = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.nullish(z.object({ ID: text, Attributes: z.nullish(z.record(z.string(), z.string())) })),
});
export type EngineEvent = z.infer<typeof eventSchema>;
