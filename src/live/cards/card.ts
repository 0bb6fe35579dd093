/** What Svelte Flow hands to the cards of the graph. */
import type { Node } from '@xyflow/svelte';
import type { ContainerView, MachineView, NetworkView, ServiceView, VolumeView } from '../picture.ts';
import type { Subject } from '../subject.ts';

/** `lit` where it belongs to what is selected. */
interface CardData extends Record<string, unknown> {
  subject: Subject;
  lit: boolean;
}

export type ContainerNode = Node<CardData & { view: ContainerView }, 'container'>;
export type NetworkNode = Node<CardData & { view: NetworkView }, 'network'>;
export type VolumeNode = Node<CardData & { view: VolumeView }, 'volume'>;
export type ServiceNode = Node<CardData & { view: ServiceView }, 'service'>;
/** `note` says why nothing is known of it. */
export type MachineNode = Node<CardData & { view: MachineView; note: string | undefined }, 'machine'>;

export type CardNode = ContainerNode | NetworkNode | VolumeNode | ServiceNode | MachineNode;
