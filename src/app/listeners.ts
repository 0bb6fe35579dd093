/** Who wants to hear of something that happens now and then. */
export class Listeners<Arguments extends unknown[] = []> {
  readonly #all = new Set<(...values: Arguments) => void>();

  /** Adds `listener`; returns what takes it away. */
  add(listener: (...values: Arguments) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  emit(...values: Arguments): void {
    for (const listener of this.#all) listener(...values);
  }
}
