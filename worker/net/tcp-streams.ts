/**
 * The two halves of a connection as web streams. Back-pressure is theirs: nothing is taken from the
 * receiver before somebody reads, so that its window closes; nothing more is accepted for writing than the
 * sender has room for.
 *
 * Both are told with `update` that something changed in their half, and look themselves what that allows.
 */
import type { TcpReceiver } from './tcp-receiver.ts';
import type { TcpSender } from './tcp-sender.ts';

/** What the readable stream tells its connection. */
export interface IncomingHost {
  /** Bytes were taken from the receiver. */
  onRead(): void;
  /** Nobody will read any more. */
  onCancel(): void;
}

/** The readable stream of what arrives. */
export class Incoming {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #receiver: TcpReceiver;
  readonly #host: IncomingHost;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #wanted = false;
  #ended = false;
  #failure: Error | undefined;

  constructor(receiver: TcpReceiver, host: IncomingHost) {
    this.#receiver = receiver;
    this.#host = host;
    this.stream = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#wanted = true;
          this.update();
        },
        cancel: () => {
          this.#ended = true;
          host.onCancel();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Hands out what has arrived and is wanted; after that, the end. */
  update(): void {
    if (this.#wanted && !this.#ended && this.#receiver.available > 0) {
      this.#wanted = false;
      const bytes = this.#receiver.read();
      this.#host.onRead();
      this.#controller.enqueue(bytes);
    }
    if (this.#ended || this.#receiver.available > 0) return;
    if (this.#receiver.finished) this.close();
    else if (this.#failure) this.#error(this.#failure);
  }

  /** Ends the stream here and now. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#controller.close();
  }

  /** Breaks the stream off, but not before what has arrived is read. */
  fail(error: Error): void {
    this.#failure = error;
    this.update();
  }

  #error(error: Error): void {
    this.#ended = true;
    this.#controller.error(error);
  }
}

/** What the writable stream tells its connection. */
export interface OutgoingHost {
  /** Nothing more will be written. */
  onClose(): void;
  /** The stream was aborted: what was written need not arrive. */
  onAbort(reason: unknown): void;
}

/** The writable stream of what is sent. */
export class Outgoing {
  readonly stream: WritableStream<Uint8Array>;
  readonly #sender: TcpSender;
  #controller!: WritableStreamDefaultController;
  #aborted = false;
  #failure: Error | undefined;
  /** Lets the write or close in progress look again. A stream has only one at a time. */
  #wake: (() => void) | undefined;

  constructor(sender: TcpSender, host: OutgoingHost) {
    this.#sender = sender;
    this.stream = new WritableStream({
      start: (controller) => {
        this.#controller = controller;
        // Not the method `abort` of a sink: that is not called before a write in progress has ended.
        controller.signal.addEventListener('abort', () => {
          this.#aborted = true;
          host.onAbort(controller.signal.reason);
        });
      },
      write: async (chunk) => {
        let written = sender.append(chunk);
        while (written < chunk.length) {
          await this.#change();
          written += sender.append(chunk.subarray(written));
        }
      },
      close: async () => {
        host.onClose();
        while (!sender.finished) await this.#change();
      },
    });
  }

  /** Goes on with what waits for an acknowledgment. */
  update(): void {
    this.#wake?.();
  }

  /** Breaks the stream off: what is being written fails, and so does what is written later. */
  fail(error: Error): void {
    if (this.#sender.finished) return;
    this.#failure = error;
    // A stream that is being aborted is broken already, and must not be broken within that again.
    if (!this.#aborted) this.#controller.error(error);
    this.#wake?.();
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#failure) throw this.#failure;
  }
}
