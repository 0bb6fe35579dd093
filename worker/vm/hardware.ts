/**
 * A machine's hardware with everything plugged in: the emulator, its disk, three terminals, the guest
 * agent and the gateway at the other end of its network cable. `Machine` restores a release into it; the
 * image pipeline boots it to make one.
 */
import { MIRROR_NAME, REGISTRY_NAMES } from '../hub/host-names.ts';
import { Gateway } from '../net/gateway.ts';
import type { HttpHandler } from '../net/http/message.ts';
import { serveHttp } from '../net/http/server.ts';
import { Agent } from './agent.ts';
import { Console } from './console.ts';
import type { Disk } from './disk.ts';
import { Emulator, type EmulatorOptions } from './emulator.ts';

const GATEWAY = '192.168.86.1';

/** Where each machine has the end of the hub's TLS (`drydock-network.service`). */
const TLS_END = '192.168.86.2';

const HTTP_PORT = 80;

const hubNames = {
  [MIRROR_NAME]: GATEWAY,
  ...Object.fromEntries(REGISTRY_NAMES.map((name) => [name, TLS_END])),
};

/** The virtio console that the guest agent has for itself. */
const AGENT_PORT = 3;

export class Hardware {
  readonly emulator: Emulator;
  readonly disk: Disk;
  readonly consoles: readonly [Console, Console, Console];
  readonly agent: Agent;
  readonly gateway: Gateway;
  readonly #agentConsole: Console;

  private constructor(emulator: Emulator, disk: Disk) {
    this.emulator = emulator;
    this.disk = disk;
    this.consoles = [new Console(emulator, 0), new Console(emulator, 1), new Console(emulator, 2)];
    this.#agentConsole = new Console(emulator, AGENT_PORT);
    this.agent = new Agent(this.#agentConsole);
    this.gateway = new Gateway({
      send: (frame) => {
        emulator.sendFrame(frame);
      },
      names: { gateway: GATEWAY, node1: '192.168.86.101', ...hubNames },
    });
    emulator.onFrame((frame) => {
      this.gateway.receive(frame);
    });
  }

  static async create(options: EmulatorOptions): Promise<Hardware> {
    return new Hardware(await Emulator.create(options), options.disk);
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
    for (const console of [...this.consoles, this.#agentConsole]) console.clear();
  }

  async destroy(): Promise<void> {
    this.abandon();
    this.gateway.destroy();
    await this.emulator.destroy();
  }
}
