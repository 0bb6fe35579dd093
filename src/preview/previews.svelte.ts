/** The previews that are open in this tab, and the one that is shown. */
import { toast } from 'svelte-sonner';
import {
  formatPreviewAddress,
  parsePreviewAddress,
  type PreviewAddress,
} from '../../worker/preview/address.ts';
import { session } from '../machine/session.svelte.ts';
import { sidePane } from '../workspace/side-pane.svelte.ts';
import type { OpenPort } from './open-ports.ts';
import { takeOrigin } from './origin-pool.ts';
import { ports } from './ports.svelte.ts';
import { Preview } from './preview.svelte.ts';

/** A page leads elsewhere no more often than this, in milliseconds. */
const LEAVE_MILLISECONDS = 1000;

/** Why no page can be shown here. */
export type Unavailable = 'no-origins' | 'no-https';

class Previews {
  #all = $state.raw<readonly Preview[]>([]);
  #shown = $state.raw<Preview>();
  #unavailable = $state.raw<Unavailable>();
  /** Pages are opened one after another. */
  #opening: Promise<unknown> = Promise.resolve();
  #left = 0;

  constructor() {
    session.onNodes((names) => {
      for (const preview of this.#all)
        if (!names.includes(preview.node.name) || session.find(preview.node.name) !== preview.node)
          this.close(preview);
    });
    ports.onChange(() => {
      for (const preview of this.#all) preview.noteScope();
    });
  }

  get all(): readonly Preview[] {
    return this.#all;
  }

  get shown(): Preview | undefined {
    return this.#shown;
  }

  /** Why none could be opened, until that is dismissed. */
  get unavailable(): Unavailable | undefined {
    return this.#unavailable;
  }

  dismissUnavailable(): void {
    this.#unavailable = undefined;
  }

  /** Shows a port, as the reader of a single machine calls it: localhost. */
  openPort({ node, port }: Pick<OpenPort, 'node' | 'port'>): void {
    const open = this.#find(node, port);
    const name = session.nodes.length > 1 ? node : 'localhost';
    if (open) this.show(open);
    else void this.open({ name, node, port, path: '/' });
  }

  /** Shows a page; in the preview of its port, if that is open. */
  async open(address: PreviewAddress): Promise<void> {
    this.#opening = this.#opening.then(() => this.#open(address));
    await this.#opening;
  }

  /** Goes where something typed leads to from `from`; says why not where that is nowhere. */
  async follow(text: string, from: PreviewAddress): Promise<void> {
    const address = parsePreviewAddress(text, from);
    if ('node' in address) await this.open(address);
    else if ('outside' in address)
      toast.info(`${new URL(address.outside).host.slice(0, 100)} is outside of your machines.`, {
        description: 'There is no internet in them. Your own browser may reach it.',
        action: {
          label: 'Open in a new tab',
          onClick: () => window.open(address.outside, '_blank', 'noopener'),
        },
      });
    else if ('secure' in address)
      toast.info('A preview speaks HTTP, not HTTPS.', {
        description: `In a terminal: curl -k ${address.secure.slice(0, 100)}`,
      });
    else
      toast.error(
        `“${address.unreadable.slice(0, 100)}” is no address. Try ${formatPreviewAddress({ ...from, path: '/' })}`,
      );
  }

  show(preview: Preview): void {
    this.#shown = preview;
    sidePane.tool = undefined;
    preview.used = Date.now();
  }

  close(preview: Preview): void {
    preview.close();
    this.#all = this.#all.filter((each) => each !== preview);
    if (this.#shown === preview) this.#shown = this.#all.at(-1);
  }

  #find(node: string, port: number): Preview | undefined {
    return this.#all.find((each) => each.node.name === node && each.port === port);
  }

  async #open(address: PreviewAddress): Promise<void> {
    const open = this.#find(address.node, address.port);
    if (open) {
      this.show(open);
      open.go(address.path);
      return;
    }
    const node = session.find(address.node);
    if (!node) {
      toast.error(`There is no ${address.node} in this session.`);
      return;
    }
    // Without HTTPS a browser has service workers only for its own computer.
    if (!isSecureContext) {
      this.#refuse('no-https');
      return;
    }
    const occupied: string[] = [];
    const take = async (asking?: Preview): ReturnType<typeof takeOrigin> => {
      const taken = await takeOrigin(occupied);
      const [oldest] = this.#all.filter((each) => each !== asking).sort((a, b) => a.used - b.used);
      if (taken !== 'all-taken' || !oldest) return taken;
      this.close(oldest);
      return takeOrigin(occupied);
    };
    const taken = await take();
    if (taken === 'none') {
      this.#refuse('no-origins');
      return;
    }
    if (taken === 'all-taken') {
      toast.error('Other tabs show as many pages as this server has origins for. Close one of them.');
      return;
    }
    this.#unavailable = undefined;
    const preview: Preview = new Preview(node, address, taken, {
      scope: () => ports.all.find((each) => each.node === address.node && each.port === address.port)?.scope,
      onLeave: (url) => {
        this.#leave(url, preview.address);
      },
      another: async (origin) => {
        occupied.push(origin);
        const other = await take(preview);
        return typeof other === 'string' ? undefined : other;
      },
    });
    this.#all = [...this.#all, preview];
    this.show(preview);
  }

  #refuse(why: Unavailable): void {
    this.#unavailable = why;
    sidePane.tool = undefined;
  }

  /** Follows a link of a page, where its reader has clicked just now: a page could follow links without end. */
  #leave(url: string, from: PreviewAddress): void {
    const now = Date.now();
    if (!navigator.userActivation.isActive || now - this.#left < LEAVE_MILLISECONDS) return;
    this.#left = now;
    void this.follow(url, from);
  }
}

export const previews = new Previews();
