/**
 * The presenter's end of the channel. It opens at the first need, and knows which companions are there by what they say
 * every two seconds; without any, nothing is sent. A duplicated tab has the channel of its original: whoever arrives asks,
 * and moves to another if it is taken.
 */
import { randomUuid } from '../../worker/random-uuid.ts';
import {
  CHANNEL_PREFIX,
  companionMessageSchema,
  stageMessageSchema,
  type CompanionMessage,
  type Request,
  type Role,
  type StageMessage,
} from './protocol.ts';

/** How long a stage that holds the channel gets to say so. */
const ASK_MILLISECONDS = 300;

/** A hidden window may speak as rarely as once a minute. */
const SILENCE_MILLISECONDS = 150_000;

const SWEEP_MILLISECONDS = 30_000;

/** A message without its sender, which the link adds. */
export type StageNews = StageMessage extends infer M
  ? M extends StageMessage
    ? Omit<M, 'stage'>
    : never
  : never;

/** Who hears of companions. */
export interface StageEvents {
  /** Companions of these roles are there now. */
  onRoles: (roles: ReadonlySet<Role>) => void;
  /** A companion of this role has to be told everything. */
  onNewcomer: (role: Role) => void;
  onRequest: (request: Request) => void;
  /** The channel was taken, and the stage uses another one. */
  onMove: (channelId: string) => void;
}

/** One tab's end. */
export class StageLink {
  readonly #stage = randomUuid();
  readonly #events: StageEvents;
  readonly #companions = new Map<string, { role: Role; heard: number }>();
  #channelId: string;
  #channel: BroadcastChannel;
  #place: 'asking' | 'taken-over' = 'asking';
  #asking: ReturnType<typeof setTimeout> | undefined;
  #sweep: ReturnType<typeof setInterval> | undefined;

  constructor(channelId: string, events: StageEvents) {
    this.#events = events;
    this.#channelId = channelId;
    this.#channel = this.#open();
    this.#asking = setTimeout(() => {
      this.#takeOver();
    }, ASK_MILLISECONDS);
    this.post({ type: 'arrived' });
  }

  /** The channel that companions are to use. */
  get channelId(): string {
    return this.#channelId;
  }

  /** Tells all companions. */
  post(news: StageNews): void {
    this.#channel.postMessage({ ...news, stage: this.#stage } satisfies StageMessage);
  }

  /** Says that the window is there, to companions that may have missed it. */
  announce(): void {
    this.post({ type: 'present' });
  }

  /** Takes leave of all companions. */
  close(): void {
    this.post({ type: 'left' });
    clearTimeout(this.#asking);
    clearInterval(this.#sweep);
    this.#channel.close();
  }

  #open(): BroadcastChannel {
    const channel = new BroadcastChannel(CHANNEL_PREFIX + this.#channelId);
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      const fromCompanion = companionMessageSchema.safeParse(data);
      if (fromCompanion.success) {
        this.#hear(fromCompanion.data);
        return;
      }
      const fromStage = stageMessageSchema.safeParse(data);
      if (fromStage.success) this.#hearStage(fromStage.data);
    };
    return channel;
  }

  #takeOver(): void {
    this.#place = 'taken-over';
    this.announce();
  }

  #hearStage({ type, stage }: StageMessage): void {
    if (type === 'arrived' && this.#place === 'taken-over')
      this.#channel.postMessage({ type: 'taken', stage } satisfies StageMessage);
    else if (type === 'taken' && stage === this.#stage && this.#place === 'asking') {
      clearTimeout(this.#asking);
      this.#channel.close();
      this.#channelId = randomUuid();
      this.#channel = this.#open();
      this.#takeOver();
      this.#events.onMove(this.#channelId);
    }
  }

  #hear(message: CompanionMessage): void {
    if (this.#place === 'asking') return;
    switch (message.type) {
      case 'here': {
        const { companion, role, knows } = message;
        this.#companions.set(companion, { role, heard: Date.now() });
        this.#tellRoles();
        if (knows === this.#stage) this.announce();
        else this.#events.onNewcomer(role);
        break;
      }
      case 'bye':
        if (this.#companions.delete(message.companion)) this.#tellRoles();
        break;
      case 'ask':
        this.#events.onRequest(message.request);
    }
  }

  #tellRoles(): void {
    this.#events.onRoles(new Set([...this.#companions.values()].map(({ role }) => role)));
    if (this.#companions.size === 0) {
      clearInterval(this.#sweep);
      this.#sweep = undefined;
    } else
      this.#sweep ??= setInterval(() => {
        this.#forgetSilent();
      }, SWEEP_MILLISECONDS);
  }

  #forgetSilent(): void {
    const oldest = Date.now() - SILENCE_MILLISECONDS;
    const silent = [...this.#companions].filter(([, { heard }]) => heard < oldest);
    for (const [companion] of silent) this.#companions.delete(companion);
    if (silent.length > 0) this.#tellRoles();
  }
}
