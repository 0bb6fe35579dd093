/** The previews that are open in this tab, and the one that is shown. */
import { toast } from 'svelte-sonner';
import {
  formatPreviewAddress,
  parsePreviewAddress,
  type PreviewAddress,
} from '../../worker/preview/address.ts';
import { session } from '../machine/session.svelte.ts';
import type { OpenPort } from './open-ports.ts';
import { originPool } from './origin-pool.ts';
import { ports } from './ports.svelte.ts';
import { Preview } from './preview.svelte.ts';

class Previews {
  #all = $state.raw<readonly Preview[]>([]);
  #shown = $state.raw<Preview>();
  /** Why none can be opened here, once that is known. */
  #unavailable = $state.raw<'no-origins' | 'no-https'>();

  get all(): readonly Preview[] {
    return this.#all;
  }

  get shown(): Preview | undefined {
    return this.#shown;
  }

  get unavailable(): 'no-origins' | 'no-https' | undefined {
    return this.#unavailable;
  }

  /** Shows a port, as the reader of a single machine calls it: localhost. */
  async openPort({ node, port }: Pick<OpenPort, 'node' | 'port'>): Promise<void> {
    const name = session.nodes.length > 1 ? node : 'localhost';
    await this.open({ name, node, port, path: '/' });
  }

  /** Shows a page; in the preview of its port, if that is open. */
  async open(address: PreviewAddress): Promise<void> {
    const open = this.#all.find(({ node, port }) => node.name === address.node && port === address.port);
    if (open) {
      this.#show(open);
      if (address.path !== open.address.path) open.go(address.path);
      return;
    }
    const node = session.find(address.node);
    if (!node) {
      toast.error(`There is no ${address.node} in this session.`);
      return;
    }
    // Without HTTPS a browser has service workers only for its own computer.
    if (!isSecureContext) this.#unavailable = 'no-https';
    else if ((await originPool.size()) === 0) this.#unavailable = 'no-origins';
    if (this.#unavailable) return;
    let taken = await originPool.take();
    const oldest = [...this.#all].sort((a, b) => a.used - b.used)[0];
    if (!taken && oldest) {
      this.close(oldest);
      // The lock is free when its holder has noticed.
      await Promise.resolve();
      taken = await originPool.take();
    }
    if (!taken) {
      toast.error('Other tabs show as many pages as this server has origins for. Close one of them.');
      return;
    }
    const known = ports.all.find((each) => each.node === address.node && each.port === address.port);
    const preview = new Preview(node, address, known?.scope ?? 'lan', taken, (url) => {
      void this.follow(url, preview.address);
    });
    this.#all = [...this.#all, preview];
    this.#show(preview);
  }

  /** Goes where something typed, or a link, leads to from `from`; says why not where that is nowhere. */
  async follow(text: string, from: PreviewAddress): Promise<void> {
    const address = parsePreviewAddress(text, from);
    if ('node' in address) await this.open(address);
    else if ('outside' in address)
      toast.info(`${new URL(address.outside).host} is outside of your machines.`, {
        description: 'There is no internet in them. Your own browser may reach it.',
        action: {
          label: 'Open in a new tab',
          onClick: () => window.open(address.outside, '_blank', 'noopener'),
        },
      });
    else if ('secure' in address)
      toast.info('A preview speaks HTTP, not HTTPS.', {
        description: `In a terminal: curl -k ${address.secure}`,
      });
    else
      toast.error(
        `“${address.unreadable}” is no address. Try ${formatPreviewAddress({ ...from, path: '/' })}`,
      );
  }

  dismissUnavailable(): void {
    this.#unavailable = undefined;
  }

  show(preview: Preview | undefined): void {
    this.#show(preview);
  }

  close(preview: Preview): void {
    preview.close();
    this.#all = this.#all.filter((each) => each !== preview);
    if (this.#shown === preview) this.#show(this.#all.at(-1));
  }

  #show(preview: Preview | undefined): void {
    this.#shown = preview;
    if (preview) preview.used = Date.now();
  }
}

export const previews = new Previews();
