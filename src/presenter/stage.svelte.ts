/**
 * What this tab tells the windows beside it, and does at their word. Nothing is computed and nothing is sent while there
 * are none: what has to be followed is followed from the first companion to the last.
 */
import { randomUuid } from '../../worker/random-uuid.ts';
import { shownLesson } from '../lesson/shown-lesson.svelte.ts';
import { light } from './light.svelte.ts';
import { presenter } from './presenter.svelte.ts';
import type { Request, Role } from './protocol.ts';
import { presentScene, scrolledShare } from './scene.ts';
import { ScreenFeed } from './screen-feed.svelte.ts';
import { StageLink } from './stage-link.ts';
import { readTabMemory, remember } from './tab-memory.ts';

class Stage {
  #link: StageLink | undefined;
  #stopScene: (() => void) | undefined;
  #feed: ScreenFeed | undefined;

  constructor() {
    // A window beside this one waits for it to be loaded again.
    const { channel } = readTabMemory();
    if (channel !== undefined) this.#open(channel);
  }

  /** The channel for a companion, opened now if it was not. */
  channelId(): string {
    return (this.#link ?? this.#open(randomUuid())).channelId;
  }

  /** Goes to the step after (1) or before (-1) the present one; false without a lesson or such a step. */
  step(direction: 1 | -1): boolean {
    const { lesson } = shownLesson;
    const index = (lesson?.stepIndex ?? 0) + direction;
    if (!lesson?.lesson.steps[index]) return false;
    lesson.goTo(index);
    return true;
  }

  #open(channelId: string): StageLink {
    const link = new StageLink(channelId, {
      onRoles: (roles) => {
        this.#follow(roles);
      },
      onNewcomer: (role) => {
        link.post({ type: 'scene', scene: presentScene() });
        if (role === 'screen') this.#sendScreen();
      },
      onRequest: (request) => {
        this.#obey(request);
      },
      onMove: (channel) => {
        remember({ channel });
      },
    });
    this.#link = link;
    remember({ channel: channelId });
    window.addEventListener('pagehide', () => {
      link.post({ type: 'left' });
    });
    window.addEventListener('pageshow', () => {
      link.announce();
    });
    return link;
  }

  /** Follows what companions of these roles show, and no more. */
  #follow(roles: ReadonlySet<Role>): void {
    if (roles.size === 0) {
      this.#stopScene?.();
      this.#stopScene = undefined;
    } else this.#stopScene ??= this.#followScene();
    if (!roles.has('screen')) {
      this.#feed?.close();
      this.#feed = undefined;
    } else
      this.#feed ??= new ScreenFeed((news) => {
        this.#link?.post(news);
      });
  }

  #followScene(): () => void {
    return $effect.root(() => {
      $effect(() => {
        this.#link?.post({ type: 'scene', scene: presentScene() });
      });
      $effect(() => {
        const { page } = shownLesson;
        const send = (): void => {
          if (page) this.#link?.post({ type: 'scroll', share: scrolledShare(page) });
        };
        page?.addEventListener('scroll', send, { passive: true });
        return () => page?.removeEventListener('scroll', send);
      });
    });
  }

  #sendScreen(): void {
    this.#feed?.sendScreen();
    const { page } = shownLesson;
    if (page) this.#link?.post({ type: 'scroll', share: scrolledShare(page) });
  }

  #obey(request: Request): void {
    switch (request) {
      case 'next':
        this.step(1);
        break;
      case 'previous':
        this.step(-1);
        break;
      case 'spotlight':
        light.cycle();
        break;
      case 'blank':
        presenter.blank();
        break;
      case 'unblank':
        presenter.unblank();
    }
  }
}

export const stage = new Stage();
