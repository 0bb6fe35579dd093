/**
 * When the emulator's loop runs and when the thread's other work does: downloads, input, and the JIT's
 * finished code.
 *
 * v86 gives up the thread after each millisecond of guest work, and in a browser it gets it back by way of a
 * second worker (src/main.js). While V8's compiler has every core busy, that worker is seldom scheduled: a
 * quarter of the time of a `docker ps` went into waiting for it. Here a turn is longer, and the way back is
 * a message port of the same thread.
 */

/** How long the guest may keep the thread, in milliseconds. A key press waits half of it on average. */
const TURN_MILLISECONDS = 4;

/**
 * A sleep shorter than this is none, in milliseconds. A longer one is rounded up: timers cut the fraction off, and
 * the guest would be looked at over and over until it is due.
 */
const SHORTEST_SLEEP = 0.25;

/** The part of v86's run loop that decides when it goes on. */
export interface RunLoop {
  /** Set by v86's `stop`, and looked at between turns. */
  stopping: boolean;
  cpu: { main_loop(): number };
  yield(milliseconds: number, tick: number): void;
  yield_callback(tick: number): void;
  unregister_yield(): void;
}

/** Takes the run loop's turns; returns what reads the milliseconds that the guest has worked so far. */
export function takeTurns(loop: RunLoop): () => number {
  let worked = 0;
  const mainLoop = loop.cpu.main_loop.bind(loop.cpu);
  loop.cpu.main_loop = () => {
    const start = performance.now();
    let sleep;
    let spent;
    do {
      sleep = mainLoop();
      spent = performance.now() - start;
    } while (sleep === 0 && spent < TURN_MILLISECONDS && !loop.stopping);
    worked += spent;
    return sleep;
  };
  // Node has a queue of its own for this, which v86 uses.
  if (typeof setImmediate === 'undefined') yieldByMessage(loop);
  else roundUp(loop);
  return () => worked;
}

function roundUp(loop: RunLoop): void {
  const wait = loop.yield.bind(loop);
  loop.yield = (milliseconds, tick) => {
    wait(milliseconds < SHORTEST_SLEEP ? 0 : Math.ceil(milliseconds), tick);
  };
}

function yieldByMessage(loop: RunLoop): void {
  loop.unregister_yield();
  const { port1, port2 } = new MessageChannel();
  let timer: ReturnType<typeof setTimeout> | undefined;
  port1.onmessage = ({ data }: MessageEvent<number>) => {
    loop.yield_callback(data);
  };
  loop.yield = (milliseconds, tick) => {
    clearTimeout(timer);
    if (milliseconds < SHORTEST_SLEEP) port2.postMessage(tick);
    else
      timer = setTimeout(() => {
        loop.yield_callback(tick);
      }, Math.ceil(milliseconds));
  };
  loop.unregister_yield = () => {
    clearTimeout(timer);
    port1.close();
  };
}
