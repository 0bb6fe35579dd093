/**
 * Records of the first format, from when all machines of a session had one size, and were known by their position. They
 * are brought to the present one where they are read; what comes of one that is damaged does not fit the schema.
 */
import { NODE_NAMES } from '../net/lan.ts';
import { z } from '../schema.ts';
import { SESSION_FORMAT } from './record.ts';

const parts = z.looseObject({
  format: z.literal(1),
  machine: z.looseObject({ profile: z.string(), overlay: z.unknown() }),
  moments: z.array(
    z.looseObject({
      parent: z.optional(z.string()),
      nodes: z.array(z.looseObject({ memory: z.optional(z.unknown()) })),
    }),
  ),
  at: z.optional(z.string()),
  journal: z.array(z.unknown()),
});

/** What is no record of the first format stays as it is. */
export function upgraded(stored: unknown): unknown {
  const { data } = parts.safeParse(stored);
  if (!data) return stored;
  const { profile, overlay, ...machine } = data.machine;
  const base = (parent: string | undefined) => (parent === undefined ? 'release' : 'parent');
  return {
    ...data,
    format: SESSION_FORMAT,
    machine: { ...machine, overlays: { [profile]: overlay } },
    moments: data.moments.map((moment) => ({
      ...moment,
      nodes: named(moment.nodes, ({ memory, ...node }) => ({
        ...node,
        profile,
        base: base(moment.parent),
        ...(memory === undefined ? { state: 'crashed' } : { state: 'running', memory }),
      })),
    })),
    journal: named(data.journal, (blocks) => ({ profile, base: base(data.at), state: 'running', blocks })),
  };
}

/** By the names that they have now; a sixth gets one that no schema knows. */
function named<T>(nodes: readonly T[], change: (node: T) => object): Record<string, object> {
  return Object.fromEntries(nodes.map((node, i) => [NODE_NAMES[i] ?? `node${i + 1}`, change(node)]));
}
