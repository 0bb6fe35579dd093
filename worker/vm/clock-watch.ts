/**
 * Notices when the host's clock has jumped. The guest's clock runs by the time that the thread counts from its start,
 * which stands still while a laptop sleeps; the time of day goes on.
 */

const LOOK_MILLISECONDS = 2000;

/** A jump that is smaller than this is left alone, in milliseconds: nodes may be half a second apart. */
const JUMP_MILLISECONDS = 200;

export class ClockWatch {
  #offset = offset();
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param onJump called when the time of day is no longer what the time since the start makes of it */
  constructor(onJump: () => void) {
    this.#timer = setInterval(() => {
      const now = offset();
      if (Math.abs(now - this.#offset) < JUMP_MILLISECONDS) return;
      this.#offset = now;
      onJump();
    }, LOOK_MILLISECONDS);
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

function offset(): number {
  return Date.now() - performance.now();
}
