/**
 * What one machine's Engine has, as it changes. Nothing is asked of an idle Engine: an event says which lists may be
 * others, and those that somebody wants are asked for again, once for events that come together.
 *
 * Of the tasks of a swarm no events are told. They are asked for again a while after what leads to changes of them, and
 * while some are on their way, more and more seldom.
 */
import { DrydockError } from '../../worker/error.ts';
import { z } from '../../worker/schema.ts';
import { Listeners } from '../app/listeners.ts';
import type { MachineNode } from '../machine/node.svelte.ts';
import { containerDetailsSchema, eventSchema, imageDetailsSchema, type EngineEvent } from './engine-json.ts';
import {
  changedBy,
  concernsSwarm,
  NO_LISTS,
  PARTS,
  QUESTIONS,
  SWARM_PARTS,
  type EngineLists,
  type EnginePart,
} from './engine-parts.ts';

/** How long it is waited for further events before the Engine is asked, in milliseconds. */
const SETTLE_MILLISECONDS = 250;

/** When containers are looked at after a line was entered in a terminal, in milliseconds. */
const LINE_MILLISECONDS = 2000;

/** When an Engine that did not answer is asked again, in milliseconds. */
const RETRY_MILLISECONDS = 5000;

/** When the tasks of a swarm are looked at after something that changes them, in milliseconds. */
const SWARM_MILLISECONDS = [2000, 6000];

/** Pauses between looks at tasks that are on their way, in milliseconds. */
const FIRST_TASKS_MILLISECONDS = 3000;
const LAST_TASKS_MILLISECONDS = 60_000;

/** States in which a task stays, until something happens. */
const SETTLED_TASK = /^(?:running|complete|failed|shutdown|rejected|orphaned|remove)$/;

/** Whether the Engine can be asked. */
export type EngineReach = 'unknown' | 'reached' | 'lost';

/** How often containers were restarted by their policy, by id; one that is not there never was. */
export type Restarts = Readonly<Record<string, number>>;

/** Digests of the layers of images, lowest first, by id; while `images` are wanted. */
export type Layers = Readonly<Record<string, readonly string[]>>;

/** What is asked of a machine. */
export type AskedNode = Pick<MachineNode, 'name' | 'engine' | 'engineNews' | 'lines' | 'askEngine'>;

export class NodeEngine {
  readonly node: AskedNode;
  /** Something of the swarm that it is in may have changed: of interest to its managers. */
  readonly swarmNews = new Listeners();
  readonly #onChange = new Listeners();
  readonly #wanted: Record<EnginePart, number>;
  #stale: readonly EnginePart[] = PARTS;
  readonly #ends: (() => void)[];
  #lists = $state.raw<EngineLists>(NO_LISTS);
  #reach = $state.raw<EngineReach>('unknown');
  #restarts = $state.raw<Restarts>({});
  #layers = $state.raw<Layers>({});
  /** Containers whose count may be another since they were last looked at. */
  #ended: readonly string[] = [];
  #asking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lineTimer: ReturnType<typeof setTimeout> | undefined;
  #swarmTimers: ReturnType<typeof setTimeout>[] = [];
  #tasksTimer: ReturnType<typeof setTimeout> | undefined;
  #tasksPause = FIRST_TASKS_MILLISECONDS;

  constructor(node: AskedNode) {
    this.node = node;
    this.#wanted = Object.fromEntries(PARTS.map((part) => [part, 0])) as Record<EnginePart, number>;
    this.#ends = [
      node.engineNews.add((news) => {
        if (news.type === 'told') this.#begin();
        else if (news.type === 'lost') this.clear('lost');
        else this.#note(news.event);
      }),
      node.lines.add(() => {
        this.#lookLater();
      }),
    ];
    if (node.engine === 'told') this.#begin();
  }

  get lists(): EngineLists {
    return this.#lists;
  }

  get reach(): EngineReach {
    return this.#reach;
  }

  get restarts(): Restarts {
    return this.#restarts;
  }

  get layers(): Layers {
    return this.#layers;
  }

  /** Calls `listener` when something is other than before; returns what ends that. */
  onChange(listener: () => void): () => void {
    return this.#onChange.add(listener);
  }

  /** Has these lists kept up to date until what is returned is called. */
  want(parts: readonly EnginePart[]): () => void {
    for (const part of parts) this.#wanted[part]++;
    this.#askSoon();
    return () => {
      for (const part of parts) this.#wanted[part]--;
    };
  }

  /** Looks at lists again: at once, and when what was done has had its effect. */
  refreshSwarm(): void {
    this.#mark(SWARM_PARTS);
    for (const timer of this.#swarmTimers) clearTimeout(timer);
    this.#tasksPause = FIRST_TASKS_MILLISECONDS;
    this.#swarmTimers = SWARM_MILLISECONDS.map((pause) =>
      setTimeout(() => {
        this.#mark(SWARM_PARTS);
      }, pause),
    );
  }

  /** Forgets everything: the machine is another, or its Engine has ended. */
  clear(reach: EngineReach = 'unknown'): void {
    this.#lists = NO_LISTS;
    this.#restarts = {};
    this.#ended = [];
    this.#reach = reach;
    this.#stale = PARTS;
    this.#onChange.emit();
  }

  end(): void {
    for (const end of this.#ends) end();
    clearTimeout(this.#lineTimer);
    clearTimeout(this.#timer);
    clearTimeout(this.#tasksTimer);
    for (const timer of this.#swarmTimers) clearTimeout(timer);
  }

  #begin(): void {
    this.#reach = 'reached';
    this.#mark(PARTS);
  }

  #note(line: string): void {
    let event: EngineEvent;
    try {
      event = eventSchema.parse(JSON.parse(line));
    } catch {
      return;
    }
    const { Type, Action, Actor } = event;
    // A start by hand begins to count anew.
    const isCounted = Action === 'die' || (Action === 'start' && (this.#restarts[Actor?.ID ?? ''] ?? 0) > 0);
    if (Type === 'container' && isCounted && Actor) this.#ended = [...this.#ended, Actor.ID];
    this.#mark(changedBy(event));
    if (concernsSwarm(event)) this.swarmNews.emit();
  }

  /** A network that a container is connected to while it does not run is told in no event. */
  #lookLater(): void {
    clearTimeout(this.#lineTimer);
    if (this.#wanted.networks === 0) return;
    this.#lineTimer = setTimeout(() => {
      this.#mark(['containers']);
    }, LINE_MILLISECONDS);
  }

  #mark(parts: readonly EnginePart[]): void {
    this.#stale = PARTS.filter((part) => this.#stale.includes(part) || parts.includes(part));
    this.#askSoon();
  }

  #askSoon(milliseconds = SETTLE_MILLISECONDS): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.#ask();
    }, milliseconds);
  }

  get #next(): EnginePart | undefined {
    return this.#stale.find((part) => this.#wanted[part] > 0);
  }

  /** Asks for what is wanted and may be other than it is known. */
  async #ask(): Promise<void> {
    if (this.#asking || this.#reach !== 'reached') return;
    this.#asking = true;
    try {
      for (let part = this.#next; part; part = this.#next) {
        const asked = part;
        this.#stale = this.#stale.filter((each) => each !== asked);
        await this.#load(asked).catch((error: unknown) => {
          // It has ended, which is told too, or is too busy. An answer that makes no sense is not asked for again.
          if (error instanceof DrydockError) this.#stale = [...this.#stale, asked];
          throw error;
        });
      }
    } catch {
      this.#askSoon(RETRY_MILLISECONDS);
    } finally {
      this.#asking = false;
    }
    this.#onChange.emit();
  }

  async #load(part: EnginePart): Promise<void> {
    const { target, parse } = QUESTIONS[part];
    const answer = await this.#read(target, z.unknown());
    if (answer === undefined) {
      this.#noteRefusal(part);
      return;
    }
    const list = parse(answer);
    const isFirst = this.#lists[part] === NO_LISTS[part];
    this.#lists = { ...this.#lists, [part]: list };
    if (part === 'containers') await this.#countRestarts(isFirst);
    else if (part === 'images') await this.#readLayers();
    else if (part === 'tasks') this.#awaitTasks();
  }

  /** A node that is no manager refuses all lists of a swarm: it is asked for one of them only. */
  #noteRefusal(part: EnginePart): void {
    const refused = SWARM_PARTS.includes(part) ? SWARM_PARTS : [part];
    this.#stale = this.#stale.filter((each) => !refused.includes(each));
    this.#lists = { ...this.#lists, ...Object.fromEntries(refused.map((each) => [each, NO_LISTS[each]])) };
    if (refused.includes('tasks')) clearTimeout(this.#tasksTimer);
  }

  /** The answer to a question; undefined where the Engine refuses one. @throws DrydockError, ZodError */
  async #read<T>(target: string, schema: z.ZodMiniType<T>): Promise<T | undefined> {
    const { status, bytes } = await this.node.askEngine({ method: 'GET', target });
    return status === 200 ? schema.parse(JSON.parse(new TextDecoder().decode(bytes))) : undefined;
  }

  /** Only containers that have ended can have been restarted; of those that were there before us nobody has told. */
  async #countRestarts(isFirst: boolean): Promise<void> {
    const { containers } = this.#lists;
    const ended = this.#ended;
    const restarts: Record<string, number> = {};
    for (const { Id, State } of containers) {
      const known = this.#restarts[Id];
      if (known !== undefined) restarts[Id] = known;
      if (isFirst ? !/^(?:running|restarting)$/.test(State) : !ended.includes(Id)) continue;
      const details = await this.#read(`/containers/${Id}/json`, containerDetailsSchema);
      if (details) restarts[Id] = details.RestartCount;
    }
    this.#restarts = restarts;
    this.#ended = this.#ended.slice(ended.length);
  }

  async #readLayers(): Promise<void> {
    const layers: Record<string, readonly string[]> = {};
    for (const { Id } of this.#lists.images) {
      const known = this.#layers[Id];
      const details = known ? undefined : await this.#read(`/images/${Id}/json`, imageDetailsSchema);
      layers[Id] = known ?? details?.RootFS?.Layers ?? [];
    }
    this.#layers = layers;
  }

  #awaitTasks(): void {
    clearTimeout(this.#tasksTimer);
    const onTheirWay = this.#lists.tasks.some(
      ({ DesiredState, Status }) =>
        !SETTLED_TASK.test(Status.State) || (DesiredState === 'shutdown' && Status.State === 'running'),
    );
    if (!onTheirWay) return;
    this.#tasksTimer = setTimeout(() => {
      this.#mark(['tasks']);
    }, this.#tasksPause);
    this.#tasksPause = Math.min(this.#tasksPause * 1.5, LAST_TASKS_MILLISECONDS);
  }
}
