/**
 * The host at the other end of a machine's network cable: it answers ARP, ping and DNS, speaks TCP in
 * both directions, and rejects at once whatever wants to go further, since there is nothing further.
 *
 * It exchanges raw Ethernet frames and knows nothing of the machine. Layer by layer: `receive` takes a frame
 * apart, and the protocols hand back packets, which `#send` puts into frames.
 */
import { DrydockError } from '../error.ts';
import { isStation, parseAddress, parseMac, sameMac } from './address.ts';
import { ArpOperation, encodeArp, parseArp } from './arp.ts';
import { systemClock, type Clock } from './clock.ts';
import { createCounters, type Counters } from './counters.ts';
import { serveDns } from './dns-stream.ts';
import { DNS_PORT, NameServer } from './dns.ts';
import {
  BROADCAST_MAC,
  ETHERNET_HEADER,
  EtherType,
  isGroup,
  parseEthernet,
  writeEthernet,
} from './ethernet.ts';
import { echoReply, parseUnreachable, unreachable, Unreachable } from './icmp.ts';
import { IPV4_HEADER, parseIpv4, Protocol, writeIpv4, type Ipv4Packet } from './ipv4.ts';
import { GATEWAY_ADDRESS, GATEWAY_MAC, LAN_MTU } from './lan.ts';
import { Neighbours } from './neighbours.ts';
import type { TcpConnection } from './tcp-connection.ts';
import { Tcp, type ConnectTarget } from './tcp.ts';
import { encodeUdp, parseUdp } from './udp.ts';

/** Frames of one connection in flight. The guest's ring has 1024 places for all of them, and drops what finds none. */
const DEFAULT_BURST = 64;

export interface GatewayOptions {
  /** Sends a frame to the guest; it is the callee's to keep. Must not call `receive` before it returns. */
  send: (frame: Uint8Array<ArrayBuffer>) => void;
  /** The gateway's IPv4 addresses; from the first one it sends. Default 192.168.86.1. */
  addresses?: [string, ...string[]];
  /** The gateway's hardware address. Default 52:54:00:86:00:01. */
  mac?: string;
  /** The largest IPv4 packet that the network carries. Default 1500. */
  mtu?: number;
  /** Segments of one TCP connection that may be in flight at once. Default 64. */
  burst?: number;
  /** Host names that DNS knows, with their IPv4 addresses. */
  names?: Record<string, string>;
  clock?: Clock;
  /** Makes the first sequence number of a TCP connection. Default random. */
  initialSequence?: () => number;
}

export class Gateway {
  readonly counters: Counters = createCounters();
  readonly #emit: (frame: Uint8Array<ArrayBuffer>) => void;
  readonly #mac: Uint8Array;
  readonly #address: number;
  readonly #addresses: Set<number>;
  readonly #neighbours: Neighbours;
  readonly #names: NameServer;
  readonly #tcp: Tcp;
  #identification = 0;
  #destroyed = false;

  constructor(options: GatewayOptions) {
    const { addresses = [GATEWAY_ADDRESS], mac = GATEWAY_MAC, clock = systemClock } = options;
    const [address, ...others] = addresses;
    this.#emit = options.send;
    this.#mac = valid(parseMac(mac), mac);
    this.#address = valid(parseAddress(address), address);
    this.#addresses = new Set([this.#address, ...others.map((other) => valid(parseAddress(other), other))]);
    this.#names = new NameServer(options.names ?? {});
    this.#neighbours = new Neighbours({
      clock,
      ask: (target) => {
        this.#sendArp(ArpOperation.request, BROADCAST_MAC, this.#address, target);
      },
      deliver: (frame, destination) => {
        this.#sendFrame(frame, destination, EtherType.ipv4);
      },
      missing: (target, frames) => {
        this.counters.drops.unresolved += frames;
        this.#tcp.reportMissing(target);
      },
    });
    this.#tcp = new Tcp({
      clock,
      counters: this.counters,
      mtu: options.mtu ?? LAN_MTU,
      burst: options.burst ?? DEFAULT_BURST,
      address: this.#address,
      initialSequence: options.initialSequence ?? randomSequence,
      send: (source, destination, segment) => {
        this.#send(source, destination, Protocol.tcp, segment.length, (target) => {
          segment.write(target, source, destination);
        });
      },
    });
    this.listen(DNS_PORT, (connection) => {
      serveDns(connection, this.#names).catch((error: unknown) => {
        connection.abort(error);
      });
    });
  }

  /** Takes in a frame from the guest, and copies what it keeps. Never throws, whatever is in it. */
  receive(frame: Uint8Array): void {
    if (this.#destroyed) return;
    this.counters.framesIn++;
    this.counters.bytesIn += frame.length;
    const ethernet = parseEthernet(frame);
    if (!ethernet) {
      this.counters.drops.malformed++;
    } else if (!isGroup(ethernet.destination) && !sameMac(ethernet.destination, this.#mac)) {
      this.counters.drops['not-for-us']++;
    } else if (ethernet.type === EtherType.arp) {
      this.#receiveArp(ethernet.payload);
    } else if (ethernet.type === EtherType.ipv4) {
      this.#receiveIpv4(ethernet.payload, ethernet.source, isGroup(ethernet.destination));
    } else {
      this.counters.drops.unsupported++;
    }
  }

  /**
   * Calls `accept` with every connection to `port` that the guest makes, until the function returned is called.
   * @throws DrydockError `internal` when the port is taken
   */
  listen(port: number, accept: (connection: TcpConnection) => void): () => void {
    return this.#tcp.listen(port, accept);
  }

  /**
   * Connects to a port of the guest.
   * @throws DrydockError `network-failed` when it is refused, cannot be reached, or `signal` is aborted; `timeout`
   * when nothing answers in time
   */
  async connect(target: ConnectTarget): Promise<TcpConnection> {
    if (this.#destroyed) throw new DrydockError('network-failed', 'The gateway was shut down.');
    return this.#tcp.connect(target);
  }

  /** Breaks all connections off and forgets the guest, because another takes its place. Listeners stay. */
  reset(): void {
    this.#tcp.abortAll(new DrydockError('network-failed', 'The machine was replaced or shut down.'));
    this.#neighbours.clear();
  }

  /** Breaks all connections off, stops all timers, and ignores every frame from now on. */
  destroy(): void {
    this.reset();
    this.#destroyed = true;
  }

  #receiveArp(payload: Uint8Array): void {
    const packet = parseArp(payload);
    if (!packet) {
      this.counters.drops.malformed++;
      return;
    }
    this.#learn(packet.senderAddress, packet.senderMac);
    if (packet.operation === ArpOperation.request && this.#addresses.has(packet.targetAddress)) {
      this.#sendArp(ArpOperation.reply, packet.senderMac, packet.targetAddress, packet.senderAddress);
    }
  }

  #receiveIpv4(payload: Uint8Array, mac: Uint8Array, isBroadcast: boolean): void {
    const packet = parseIpv4(payload);
    if (typeof packet === 'string') {
      this.counters.drops[packet]++;
      return;
    }
    this.#learn(packet.source, mac);
    if (isBroadcast) this.counters.drops.unsupported++;
    else if (!this.#addresses.has(packet.destination)) this.#sendUnreachable(packet, Unreachable.net);
    else if (!isStation(packet.source) || this.#addresses.has(packet.source)) this.counters.drops.malformed++;
    else if (packet.fragment !== 'none') this.counters.drops.fragment++;
    else if (packet.protocol === Protocol.tcp) this.#tcp.receive(packet);
    else if (packet.protocol === Protocol.udp) this.#receiveUdp(packet);
    else if (packet.protocol === Protocol.icmp) this.#receiveIcmp(packet);
    else this.#sendUnreachable(packet, Unreachable.protocol);
  }

  #receiveIcmp(packet: Ipv4Packet): void {
    const reply = echoReply(packet.payload);
    const report = parseUnreachable(packet.payload);
    if (reply) this.#sendBytes(packet.destination, packet.source, Protocol.icmp, reply);
    if (report) this.#tcp.reportUnreachable(report);
  }

  #receiveUdp(packet: Ipv4Packet): void {
    const datagram = parseUdp(packet);
    if (typeof datagram === 'string') {
      this.counters.drops[datagram]++;
      return;
    }
    if (datagram.destinationPort !== DNS_PORT) {
      this.#sendUnreachable(packet, Unreachable.port);
      return;
    }
    const response = this.#names.answer(datagram.payload);
    if (!response) {
      this.counters.drops.malformed++;
      return;
    }
    const { source, destination } = packet;
    const reply = { sourcePort: DNS_PORT, destinationPort: datagram.sourcePort, payload: response };
    this.#sendBytes(destination, source, Protocol.udp, encodeUdp(reply, destination, source));
  }

  #learn(address: number, mac: Uint8Array): void {
    if (isStation(address) && !this.#addresses.has(address) && !isGroup(mac)) {
      this.#neighbours.learn(address, mac);
    }
  }

  #sendUnreachable(packet: Ipv4Packet, code: number): void {
    const message = unreachable(packet, code);
    if (message) this.#sendBytes(this.#address, packet.source, Protocol.icmp, message);
    else this.counters.drops.unsupported++;
  }

  #sendBytes(source: number, destination: number, protocol: number, bytes: Uint8Array): void {
    this.#send(source, destination, protocol, bytes.length, (target) => {
      target.set(bytes);
    });
  }

  /** Sends a packet with `length` bytes, which `fill` writes. */
  #send(
    source: number,
    destination: number,
    protocol: number,
    length: number,
    fill: (target: Uint8Array) => void,
  ): void {
    const frame = new Uint8Array(ETHERNET_HEADER + IPV4_HEADER + length);
    fill(frame.subarray(ETHERNET_HEADER + IPV4_HEADER));
    this.#identification = (this.#identification + 1) & 0xffff;
    const header = { source, destination, protocol, identification: this.#identification };
    writeIpv4(frame.subarray(ETHERNET_HEADER), header);
    this.#neighbours.send(frame, destination);
  }

  /** Sends an ARP packet about our address `own` to the station with `mac` and `target`; or asks all who has `target`. */
  #sendArp(operation: number, mac: Uint8Array, own: number, target: number): void {
    const arp = encodeArp({
      operation,
      senderMac: this.#mac,
      senderAddress: own,
      targetMac: operation === ArpOperation.request ? new Uint8Array(6) : mac,
      targetAddress: target,
    });
    const frame = new Uint8Array(ETHERNET_HEADER + arp.length);
    frame.set(arp, ETHERNET_HEADER);
    this.#sendFrame(frame, mac, EtherType.arp);
  }

  #sendFrame(frame: Uint8Array<ArrayBuffer>, destination: Uint8Array, type: number): void {
    writeEthernet(frame, { destination, source: this.#mac, type });
    this.counters.framesOut++;
    this.counters.bytesOut += frame.length;
    this.#emit(frame);
  }
}

function randomSequence(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] as number;
}

/** `value`, which was read from `text`; a fault of the caller if there is none. */
function valid<T>(value: T | undefined, text: string): T {
  if (value === undefined) throw new DrydockError('internal', `"${text}" is not a valid address.`);
  return value;
}
