/**
 * What crosses the boundary between the page and a machine's worker: types only, no logic.
 * Calls go through comlink on the class `Machine` itself (`RemoteMachine` is derived from it);
 * events come back over one MessagePort as the union `MachineEvent`.
 */
import type { Remote } from 'comlink';
import type { WireError } from './error.ts';
import type { Suggestions } from './hub/suggestions.ts';
import type { NodeName } from './net/lan.ts';
import type { LoggedRequest } from './preview/protocol.ts';
import type { Machine } from './vm/machine.ts';

/** Where a machine is in its life. `failed` can be left by `reset`, `destroyed` by nothing. */
export type MachineState =
  | 'created'
  | 'loading'
  | 'running'
  | 'paused'
  /** A part of the disk cannot be read: the guest waits until `retryDisk` succeeds. */
  | 'waiting-for-disk'
  /** The guest powered itself off or halted; `reset` starts it afresh. */
  | 'off'
  | 'failed'
  | 'destroyed';

/** The steps of loading, in order. `engine` and `snapshot` download. `boot` is a guest's own reboot, which takes their place. */
export type LoadStage = 'manifest' | 'engine' | 'snapshot' | 'restore' | 'settle' | 'boot';

/** How far loading is. `total` is 0 while it is not known. */
export interface LoadProgress {
  stage: LoadStage;
  loadedBytes: number;
  totalBytes: number;
}

/** The terminals of a machine: virtio consoles hvc0, hvc1 and hvc2 (hvc3 belongs to the agent). */
export type ConsoleIndex = 0 | 1 | 2;

export type MachineEvent =
  | { type: 'state'; state: MachineState }
  | { type: 'progress'; progress: LoadProgress }
  | { type: 'output'; console: ConsoleIndex; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'failure'; error: WireError }
  /** A pull failed because the hub does not have the image; what it has instead. */
  | { type: 'unknown-image'; suggestions: Suggestions }
  /** An event that the Engine tells of, as it writes it: JSON. */
  | { type: 'engine-event'; event: string }
  /** Whether the Engine's events are told; when they begin to be, some may have been missed. */
  | { type: 'engine'; events: 'told' | 'lost' }
  /** A page of one of the machine's ports has asked for something. */
  | { type: 'preview-request'; port: number; request: LoggedRequest }
  /** The background download of the boot pack: `loadedBytes === totalBytes` when it is in. */
  | { type: 'pack'; loadedBytes: number; totalBytes: number };

/** Which machine to load and from where. */
export interface LoadOptions {
  /** Absolute URL of the release folder, ending in `/` (a `file:` URL in Node). */
  release: string;
  /** Memory profile of the release: `standard` or `small`. */
  profile: ProfileName;
  /** Which node of the session's LAN it is. */
  node: NodeName;
}

export type ProfileName = 'standard' | 'small';

export interface ExecOptions {
  /** Deadline in seconds; the script and its children are killed when it passes. Default 60. */
  timeout?: number;
  /** What the script reads on standard input. Default: nothing. */
  stdin?: string;
  /** Environment variables added to root's usual ones. */
  env?: Record<string, string>;
}

/** What a script printed and how it ended. `timedOut` means that the deadline killed it (exitCode 124). */
export interface ExecResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

/** A part of a file, in bytes. */
export interface FileRange {
  start: number;
  length: number;
}

/** A request to the Engine's API. */
export interface EngineRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query, without a version: the Engine's own. */
  target: string;
  /** JSON, or what the Engine takes as a file (a tar archive). */
  body?: string | Uint8Array;
}

export interface EngineAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** JSON, text, a tar archive, or nothing. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** A reading of the machine's gauges. Rates cover the time since the previous reading. */
export interface MachineStatistics {
  /** Guest instructions executed since the machine was created. */
  instructions: number;
  /** Million guest instructions per second. */
  mips: number;
  /** Share of the worker's time that the emulator was busy, 0 to 1. */
  busy: number;
  /** Bytes of guest memory, from the guest's own balloon driver; absent until it has answered. */
  memory?: { total: number; available: number };
  /** Bytes fetched for the disk (compressed), and chunks they came in. */
  diskFetchedBytes: number;
  diskFetchedChunks: number;
  /** Bytes that the guest wrote and that live in the overlay. */
  overlayBytes: number;
}

/** The page's view of a machine, derived from the implementation. */
export type RemoteMachine = Remote<Machine>;
