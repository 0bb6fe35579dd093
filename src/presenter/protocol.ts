/**
 * What the window that presents (the stage) and those beside it (its companions: the notes, the second screen) tell each
 * other over a BroadcastChannel of their own. Any tab of our origin can send on it, so whoever receives validates. Neither
 * HTML nor a lesson's text crosses: a companion loads the lesson by its id.
 */
import { z } from '../../worker/schema.ts';

/** The id of a channel, which a companion gets in its address. */
export const channelIdSchema = z.string().check(z.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/));

/** What stands before a channel's id in its name. */
export const CHANNEL_PREFIX = 'drydock-presenter-';

/** Longer commands are cut when they are shown; no class reads them. */
export const COMMAND_LENGTH = 2000;

/** How many commands are remembered. */
export const COMMAND_COUNT = 30;

const name = z.string().check(z.maxLength(200));
const count = z.int().check(z.gte(0), z.lte(1_000_000));
const names = z.array(name).check(z.maxLength(2000));

/** Whether the window presents, or shows nothing but black. */
export const presenterStateSchema = z.enum(['off', 'on', 'blank']);
export type PresenterState = z.output<typeof presenterStateSchema>;

/** A part of the workspace that the light can be on. */
export const paneSchema = z.enum(['lesson', 'terminals', 'side']);
export type Pane = z.output<typeof paneSchema>;

/** The pane that stands out; none while all are equally bright. */
export const spotlightSchema = z.union([paneSchema, z.literal('none')]);
export type Spotlight = z.output<typeof spotlightSchema>;

/**
 * What became of a command: it runs, has succeeded, failed, was stopped with Ctrl-C, was cut off by a reset, or was typed
 * to a program that does not tell.
 */
export const outcomeSchema = z.enum(['running', 'done', 'failed', 'stopped', 'cut-off', 'typed']);
export type Outcome = z.output<typeof outcomeSchema>;

const typedCommandSchema = z.object({
  id: count,
  /** The terminal, by what it is and as its tab has it. */
  terminal: z.object({ id: name, name }),
  text: z.string().check(z.maxLength(COMMAND_LENGTH)),
  outcome: outcomeSchema,
  exitCode: z.optional(z.int()),
});

/** A command as the ticker shows it. */
export type TickerCommand = Readonly<z.output<typeof typedCommandSchema>>;

const lessonSceneSchema = z.object({
  id: name,
  /** From 0. */
  step: count,
  /** The commands of the text that were used, by their places. */
  ran: names,
  /** The tasks that have passed. */
  passed: names,
});

/** How far the presenter is in a lesson. */
export type LessonScene = Readonly<z.output<typeof lessonSceneSchema>>;

const sceneSchema = z.object({
  state: presenterStateSchema,
  /** Absent in the playground. */
  lesson: z.optional(lessonSceneSchema),
  spotlight: spotlightSchema,
  /** The terminal that has the keyboard; absent when none is open. */
  terminal: z.optional(name),
  /** Whether several terminals are open, so that names matter. */
  several: z.boolean(),
  /** The oldest first. */
  commands: z.array(typedCommandSchema).check(z.maxLength(COMMAND_COUNT)),
  /** The size of the text, in CSS pixels. */
  textSize: z.number().check(z.gte(8), z.lte(80)),
});

/** All that companions show, but for what the terminals print. */
export type Scene = Readonly<z.output<typeof sceneSchema>>;

const screenSchema = z.object({
  columns: z.int().check(z.gte(1), z.lte(1000)),
  rows: z.int().check(z.gte(1), z.lte(1000)),
  /** Output that brings a fresh terminal to where the presenter's is. */
  text: z.string(),
});

/** What a terminal shows at a moment. */
export type Screen = Readonly<z.output<typeof screenSchema>>;

const stage = channelIdSchema;

/** What the stage says. */
export const stageMessageSchema = z.discriminatedUnion('type', [
  /** It has begun, and would use this channel. */
  z.object({ type: z.literal('arrived'), stage }),
  /** To another stage that has arrived: the channel is in use. A tab was duplicated. */
  z.object({ type: z.literal('taken'), stage }),
  /** It is there, and nothing has changed. */
  z.object({ type: z.literal('present'), stage }),
  /** Its window goes, or is loaded again. */
  z.object({ type: z.literal('left'), stage }),
  z.object({ type: z.literal('scene'), stage, scene: sceneSchema }),
  /** How far the lesson's text is scrolled, from 0 to 1. */
  z.object({ type: z.literal('scroll'), stage, share: z.number().check(z.gte(0), z.lte(1)) }),
  /** The terminal in use begins to be shown; absent when none is. */
  z.object({ type: z.literal('screen'), stage, screen: z.optional(screenSchema) }),
  /** What it prints from then on. */
  z.object({ type: z.literal('output'), stage, bytes: z.instanceof(Uint8Array) }),
]);
export type StageMessage = z.output<typeof stageMessageSchema>;

/** What a companion shows. */
export const roleSchema = z.enum(['notes', 'screen']);
export type Role = z.output<typeof roleSchema>;

/** What a companion can ask the presenter's window to do. */
export const requestSchema = z.enum(['next', 'previous', 'spotlight', 'blank', 'unblank']);
export type Request = z.output<typeof requestSchema>;

const companion = channelIdSchema;

/** What a companion says. */
export const companionMessageSchema = z.discriminatedUnion('type', [
  /** It is there, said again and again. `knows` is the stage whose scene it has; another sends its own. */
  z.object({ type: z.literal('here'), companion, role: roleSchema, knows: z.optional(stage) }),
  z.object({ type: z.literal('bye'), companion }),
  z.object({ type: z.literal('ask'), companion, request: requestSchema }),
]);
export type CompanionMessage = z.output<typeof companionMessageSchema>;
