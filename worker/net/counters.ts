/** What passed through a gateway and what it dropped: for statistics, and for tests to look at. */

/** Why a frame or packet was dropped. */
export type DropReason =
  /** Lengths or fields that contradict each other or the protocol. */
  | 'malformed'
  | 'bad-checksum'
  /** A piece of a fragmented packet: reassembly is not implemented. */
  | 'fragment'
  /** A unicast frame for another station. */
  | 'not-for-us'
  /** A protocol that the gateway does not speak (IPv6), or multicast. */
  | 'unsupported'
  /** Waited for a hardware address that nobody named in time. */
  | 'unresolved'
  /** A new connection over the limit. */
  | 'too-many-connections';

export interface Counters {
  framesIn: number;
  framesOut: number;
  bytesIn: number;
  bytesOut: number;
  /** TCP segments that had to be sent again. */
  retransmissions: number;
  drops: Record<DropReason, number>;
}

/** Counters that all stand at zero. */
export function createCounters(): Counters {
  return {
    framesIn: 0,
    framesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    retransmissions: 0,
    drops: {
      malformed: 0,
      'bad-checksum': 0,
      fragment: 0,
      'not-for-us': 0,
      unsupported: 0,
      unresolved: 0,
      'too-many-connections': 0,
    },
  };
}
