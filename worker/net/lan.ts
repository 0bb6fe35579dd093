/**
 * The LAN of a session: who is on it, and by which addresses. The machine's disk has the same names in its
 * /etc/hosts.
 */

export const NODE_NAMES = ['node1', 'node2', 'node3', 'node4', 'node5'] as const;

/** A machine of a session: its host name. */
export type NodeName = (typeof NODE_NAMES)[number];

/** The host at the other end of each machine's cable, which answers for the hub and for names. */
export const GATEWAY_ADDRESS = '192.168.86.1';

export const GATEWAY_MAC = '52:54:00:86:00:01';

/** The largest IP packet. Overlay networks leave room in it for VXLAN (50 bytes) and ESP: the Engine's are 1450 or less. */
export const LAN_MTU = 1500;

export function nodeAddress(name: NodeName): string {
  return `192.168.86.${101 + NODE_NAMES.indexOf(name)}`;
}

export function nodeMac(name: NodeName): string {
  return `52:54:00:86:01:0${1 + NODE_NAMES.indexOf(name)}`;
}
