/**
 * A machine's hardware with everything plugged in: the emulator, its disk, three terminals, the guest
 * agent, and a network cable. At the other end of the cable each machine has a gateway of its own, and all machines of
 * a LAN have its switch. `Machine` restores a release into it; the image pipeline boots it to make one.
 */
import { MIRROR_NAME, REGISTRY_NAMES } from '../hub/host-names.ts';
import { Cable } from '../net/cable.ts';
import { isGroup } from '../net/ethernet.ts';
import { Gateway } from '../net/gateway.ts';
import { GATEWAY_ADDRESS, GATEWAY_MAC, NODE_NAMES, nodeAddress } from '../net/lan.ts';
import type { Lan, SwitchPort } from '../net/switch.ts';
import { parseMac, sameMac } from '../net/address.ts';
import type { HttpHandler } from '../net/http/message.ts';
import { serveHttp } from '../net/http/server.ts';
import { Agent } from './agent.ts';
import { Console } from './console.ts';
import type { Disk } from './disk.ts';
import { Emulator, type EmulatorOptions } from './emulator.ts';

/** Where each machine has the end of the hub's TLS (`drydock-network.service`). */
const TLS_END = '192.168.86.2';

const HTTP_PORT = 80;

const hubNames = {
  [MIRROR_NAME]: GATEWAY_ADDRESS,
  ...Object.fromEntries(REGISTRY_NAMES.map((name) => [name, TLS_END])),
};

const nodeNames = Object.fromEntries(NODE_NAMES.map((name) => [name, nodeAddress(name)]));

const gatewayMac = parseMac(GATEWAY_MAC) as Uint8Array;

export interface HardwareOptions extends EmulatorOptions {
  /** Without, the machine has nobody but its gateway. */
  lan?: Lan | undefined;
}

/** The virtio console that the guest agent has for itself. */
const AGENT_PORT = 3;

export class Hardware {
  readonly emulator: Emulator;
  readonly disk: Disk;
  readonly consoles: readonly [Console, Console, Console];
  readonly agent: Agent;
  readonly gateway: Gateway;
  readonly cable: Cable;
  readonly #port: Pick<SwitchPort, 'receive' | 'unplug'> | undefined;
  readonly #agentConsole: Console;

  private constructor(emulator: Emulator, { disk, lan }: HardwareOptions) {
    this.emulator = emulator;
    this.disk = disk;
    this.consoles = [new Console(emulator, 0), new Console(emulator, 1), new Console(emulator, 2)];
    this.#agentConsole = new Console(emulator, AGENT_PORT);
    this.agent = new Agent(this.#agentConsole);
    this.cable = new Cable({
      toNetwork: (frame) => {
        this.#distribute(frame);
      },
      toMachine: (frame) => {
        emulator.sendFrame(frame);
      },
    });
    this.gateway = new Gateway({
      send: (frame) => {
        this.cable.fromNetwork(frame);
      },
      names: { gateway: GATEWAY_ADDRESS, ...nodeNames, ...hubNames },
    });
    this.#port = lan?.plug((frame) => {
      this.cable.fromNetwork(frame);
      return true;
    });
    emulator.onFrame((frame) => {
      this.cable.fromMachine(frame);
    });
  }

  static async create(options: HardwareOptions): Promise<Hardware> {
    return new Hardware(await Emulator.create(options), options);
  }

  /** Lets `handle` answer for the hub, on the gateway's port for HTTP. */
  serveHub(handle: HttpHandler): void {
    this.gateway.listen(HTTP_PORT, (connection) => void serveHttp(connection, handle));
  }

  /** Forgets everything in flight, before another state takes the place of the present one. */
  abandon(): void {
    this.disk.abandon();
    this.agent.reset();
    this.gateway.reset();
    this.cable.clear();
    for (const console of [...this.consoles, this.#agentConsole]) console.clear();
  }

  async destroy(): Promise<void> {
    this.#port?.unplug();
    this.abandon();
    this.gateway.destroy();
    await this.emulator.destroy();
  }

  #distribute(frame: Uint8Array): void {
    const isForAll = isGroup(frame);
    if (isForAll || sameMac(frame.subarray(0, 6), gatewayMac)) this.gateway.receive(frame);
    if (isForAll || !sameMac(frame.subarray(0, 6), gatewayMac)) this.#port?.receive(frame);
  }
}
