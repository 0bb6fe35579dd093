/** Something in the live view that can be looked at closer. */
import type { NodeName } from '../../worker/net/lan.ts';

export type SubjectKind = 'machine' | 'container' | 'network' | 'volume' | 'image' | 'service';

export interface Subject {
  kind: SubjectKind;
  /** Where it is; a service is asked of a manager. */
  node: NodeName;
  /** The Engine's id; the name of a volume or a machine. */
  id: string;
}

/** A string that no other subject has. */
export const subjectKey = ({ kind, node, id }: Subject): string => `${kind}:${node}:${id}`;
