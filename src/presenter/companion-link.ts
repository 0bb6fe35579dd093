/**
 * A companion's end of the channel. It says every two seconds that it is there and which stage it knows, so it finds the
 * presenter's window whenever that comes, and again after it was loaded anew.
 */
import { randomUuid } from '../../worker/random-uuid.ts';
import {
  CHANNEL_PREFIX,
  stageMessageSchema,
  type CompanionMessage,
  type Request,
  type Role,
  type StageMessage,
} from './protocol.ts';

const BEAT_MILLISECONDS = 2000;

/** So many beats without an answer, and the presenter's window is gone. Counted, since a hidden window's timers are slow. */
const UNANSWERED_BEATS = 3;

/** Whether the presenter's window was found. */
export type LinkState = 'seeking' | 'linked' | 'gone';

/** A message without its sender, which the link adds. */
type CompanionNews = CompanionMessage extends infer M
  ? M extends CompanionMessage
    ? Omit<M, 'companion'>
    : never
  : never;

/** Who hears from the stage. */
export interface CompanionEvents {
  onState: (state: LinkState) => void;
  /** News of the stage whose scene is known. */
  onNews: (message: StageMessage) => void;
}

/** One window's end. */
export class CompanionLink {
  readonly #companion = randomUuid();
  readonly #channel: BroadcastChannel;
  readonly #role: Role;
  readonly #events: CompanionEvents;
  readonly #beat: ReturnType<typeof setInterval>;
  #state: LinkState = 'seeking';
  #stage: string | undefined;
  #unanswered = 0;

  constructor(channelId: string, role: Role, events: CompanionEvents) {
    this.#role = role;
    this.#events = events;
    this.#channel = new BroadcastChannel(CHANNEL_PREFIX + channelId);
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      const message = stageMessageSchema.safeParse(data);
      if (message.success) this.#hear(message.data);
    };
    this.#beat = setInterval(() => {
      if (this.#unanswered++ >= UNANSWERED_BEATS) this.#lose();
      this.#sayHere();
    }, BEAT_MILLISECONDS);
    this.#sayHere();
  }

  /** Asks the presenter's window to do something. */
  ask(request: Request): void {
    this.#post({ type: 'ask', request });
  }

  /** Takes leave; if the window comes back, so does its next beat. */
  leave(): void {
    this.#post({ type: 'bye' });
  }

  /** Takes leave for good. */
  close(): void {
    this.leave();
    clearInterval(this.#beat);
    this.#channel.close();
  }

  #post(news: CompanionNews): void {
    this.#channel.postMessage({ ...news, companion: this.#companion } satisfies CompanionMessage);
  }

  #sayHere(): void {
    this.#post({ type: 'here', role: this.#role, ...(this.#stage !== undefined && { knows: this.#stage }) });
  }

  #hear(message: StageMessage): void {
    const { type, stage } = message;
    // Between stages: which of them has the channel is not settled yet.
    if (type === 'arrived' || type === 'taken') return;
    if (type === 'left') {
      if (stage === this.#stage) this.#lose();
      return;
    }
    if (type === 'scene') {
      this.#stage = stage;
      this.#set('linked');
    }
    if (stage === this.#stage) {
      this.#unanswered = 0;
      this.#events.onNews(message);
    } else if (type === 'present') this.#sayHere();
  }

  #lose(): void {
    this.#stage = undefined;
    this.#set('gone');
  }

  #set(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#events.onState(state);
  }
}
