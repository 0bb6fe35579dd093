/** An origin private file system in memory, for tests: what `originFiles` asks of one, with the errors of the standard. */

class FakeFile {
  bytes = new Uint8Array(0);
  locked = false;

  constructor(readonly origin: FakeOrigin) {}

  getFile(): Promise<Blob> {
    return Promise.resolve(new Blob([this.bytes]));
  }

  createSyncAccessHandle(): Promise<object> {
    if (this.locked) return Promise.reject(new DOMException('in use', 'NoModificationAllowedError'));
    this.locked = true;
    this.origin.open++;
    return Promise.resolve({
      truncate: (length: number) => {
        if (length > 0 && this.origin.full === 'fails')
          throw new DOMException('no room', 'QuotaExceededError');
        this.bytes = this.bytes.slice(0, length);
      },
      write: (bytes: Uint8Array, { at }: { at: number }) => {
        const { full } = this.origin;
        if (full === 'fails') throw new DOMException('no room', 'QuotaExceededError');
        const written = full === 'writes less' ? bytes.subarray(1) : bytes;
        const whole = new Uint8Array(Math.max(this.bytes.length, at + written.length));
        whole.set(this.bytes);
        whole.set(written, at);
        this.bytes = whole;
        return written.length;
      },
      flush: () => undefined,
      close: () => {
        this.locked = false;
        this.origin.open--;
      },
    });
  }
}

class FakeFolder {
  readonly folders = new Map<string, FakeFolder>();
  readonly files = new Map<string, FakeFile>();

  constructor(readonly origin: FakeOrigin) {}

  getDirectoryHandle(name: string, options?: { create?: boolean }): Promise<FakeFolder> {
    return find(this.folders, name, options, () => new FakeFolder(this.origin));
  }

  getFileHandle(name: string, options?: { create?: boolean }): Promise<FakeFile> {
    return find(this.files, name, options, () => new FakeFile(this.origin));
  }

  removeEntry(name: string): Promise<void> {
    if (this.folders.delete(name) || this.files.delete(name)) return Promise.resolve();
    return Promise.reject(new DOMException('none', 'NotFoundError'));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as the standard has it
  async *keys(): AsyncGenerator<string> {
    yield* [...this.files.keys()];
  }
}

function find<T>(
  entries: Map<string, T>,
  name: string,
  options: { create?: boolean } | undefined,
  make: () => T,
): Promise<T> {
  const found = entries.get(name) ?? (options?.create ? make() : undefined);
  if (!found) return Promise.reject(new DOMException('none', 'NotFoundError'));
  entries.set(name, found);
  return Promise.resolve(found);
}

export class FakeOrigin {
  readonly root = new FakeFolder(this);
  /** For the global of that name. */
  readonly fileHandle = FakeFile;
  /** How writing goes when there is no room. */
  full: 'fails' | 'writes less' | undefined;
  /** How many files are open for writing. */
  open = 0;
}
