/**
 * What a machine hands to whoever keeps its session, and gets back from there: types only. Everything is relative to
 * something else, so that little has to be kept: the disk to the release's, the memory to that of the last checkpoint
 * or, before there is any, to the release's.
 */
import type { Blocks } from './blocks.ts';
import type { Manifest, Profile } from './release.ts';

/** A disk as a session has it: also one of an earlier release, as long as the site has its chunks. */
export interface SavedDisk {
  disk: Manifest['disk'];
  /** What was on it when its release was made. */
  overlay: Profile['overlay'];
}

/** Everything of a machine that runs, but for its disk and its screens. */
export interface SavedMemory {
  /** Whether it is to be laid over the release's memory, or is all there is. */
  over: 'release' | 'nothing';
  /** Files of blocks of the guest's memory up to the last checkpoint, the oldest first. */
  pages: Uint8Array[];
  /** Those since the checkpoint. */
  newPages: Uint8Array[];
  /** The same of the emulator's own memory. */
  core: Uint8Array[];
  newCore: Uint8Array[];
  /** How many blocks are in both. */
  newBlocks: number;
  state: MachineState;
  /** What each terminal shows. */
  screens: readonly string[];
}

/** What else a machine needs to go on. */
export interface MachineState {
  devices: Uint8Array;
  /** Absent in a session from a file: what a stranger's machine has compiled is not executed. */
  code?: CompiledParts | undefined;
}

/** What a machine had compiled, beside the files of the emulator's own memory. */
export interface CompiledParts {
  /** Of the emulator's own memory. */
  coreBytes: number;
  /** Numbers of the functions of the release's code that are valid. */
  valid: readonly number[];
  /** What was compiled since, by number. */
  later: readonly (readonly [index: number, module: Uint8Array<ArrayBuffer>])[];
}

/** A machine as a session kept it. Without `memory` it boots from its disk, unless its power is off. */
export interface SavedMachine {
  power: 'on' | 'off';
  disk: SavedDisk;
  /** Files of blocks, the oldest first. */
  blocks: Uint8Array[];
  memory?: SavedMemory | undefined;
}

/** A machine at a moment. */
export interface Capture {
  /** When it was, in milliseconds since 1970. */
  at: number;
  /**
   * What `pages` and `core` are to be laid over: the checkpoint that the machine goes on from, what was saved by itself
   * since, or nothing; so after a boot, which has no checkpoint before it.
   */
  over: 'nothing' | 'checkpoint' | 'latest';
  /** What was written to the disk since the last `commit`. */
  blocks: Blocks;
  pages: Blocks;
  core: Blocks;
  state: MachineState;
}

/** Keeps one machine of a session. */
export interface Keeping {
  /** What the machine is to begin with; undefined for a fresh one. */
  read(): Promise<SavedMachine | undefined>;
  /**
   * Keeps what was written to the disk; resolves when a crash can no longer take it.
   * @param used when the user last did something in the machine, in milliseconds since 1970
   * @param at of when the disk is: all that the guest has flushed by then is in it
   * @throws DrydockError `storage-full`
   */
  commit(blocks: Blocks, used: number, at: number): Promise<void>;
  /** Hands over a machine for the moment that is about to be kept. */
  capture(capture: Capture): Promise<void>;
}
