/** Whether this window takes the whole screen. */
class FullScreen {
  #on = $state.raw(document.fullscreenElement !== null);

  constructor() {
    document.addEventListener('fullscreenchange', () => {
      this.#on = document.fullscreenElement !== null;
    });
  }

  get isOn(): boolean {
    return this.#on;
  }

  /** Whether the browser lets a page do that; iPhones do not. */
  get isPossible(): boolean {
    return document.fullscreenEnabled;
  }

  /** Takes the whole screen, or gives it back. A browser that refuses leaves it as it is. */
  toggle(): void {
    const change = this.#on ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    void change.catch(() => undefined);
  }
}

export const fullScreen = new FullScreen();
