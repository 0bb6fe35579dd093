/**
 * The files of a container. What is in its folders is read through `/proc/PID/root`; the contents of files go through the
 * Engine, which follows links as the container does and never out of it.
 *
 * API: https://docs.docker.com/reference/api/engine/version/v1.45/#tag/Container/operation/ContainerArchive
 */
import { packTar, unpackTar } from 'modern-tar';
import { DrydockError } from '../../worker/error.ts';
import { linkTargetIn } from './archive-stat.ts';
import { inspectContainer, type ContainerDetails } from './containers.ts';
import type { Ownership, TransferOptions, UploadFile } from './file-system.ts';
import { CONTAINER_ENDED, type Guest } from './guest.ts';
import { MountedFiles, type Mount } from './mounted-files.ts';
import { isSoundPath, nameOf, parentOf } from './paths.ts';
import type { ContainerName, Place } from './place.ts';
import { batchesOf, packFiles, sizeOf } from './upload.ts';

/** What the Engine is asked for, or given, in one request: it all has to go there within its deadline. */
export const MAX_ENGINE_BYTES = 60 * 1024 * 1024;

/** A process that ends may leave its number to another one, whose root is the node's. */
const guard = (pid: number, id: string): string =>
  `held() { local line; while read -r line; do [[ $line == *${id}* ]] && return; done <"/proc/${pid}/cgroup"; return 1; }
held 2>/dev/null || exit ${CONTAINER_ENDED}
`;

export class ContainerFiles extends MountedFiles {
  readonly #container: ContainerName;

  constructor(
    readonly place: Place,
    container: ContainerName,
    protected readonly guest: Guest,
  ) {
    super();
    this.#container = container;
  }

  protected async mount(): Promise<Mount> {
    const { id } = this.#container;
    const { pid } = await this.#running();
    return { root: `/proc/${pid}/root`, guard: guard(pid, id), mounts: `/proc/${pid}/mountinfo` };
  }

  /** The root, and the folder that the container's program was started in. */
  async startFolders(): Promise<string[]> {
    const { workingFolder } = await this.#running();
    return isSoundPath(workingFolder) && workingFolder !== '/' ? ['/', workingFolder] : ['/'];
  }

  async resolve(path: string): Promise<string> {
    const answer = await this.guest
      .ask({ method: 'HEAD', target: this.#archive(path) })
      .catch((error: unknown) => {
        if (error instanceof DrydockError && error.details['status'] === 404)
          throw new DrydockError('agent-failed', 'The link leads to nothing.', {}, { cause: error });
        throw error;
      });
    return linkTargetIn(answer.headers['x-docker-container-path-stat']) ?? path;
  }

  async read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const { bytes } = await this.guest.ask({ method: 'GET', target: this.#archive(path) });
    const entries = await unpackTar(bytes, { strict: true });
    const [entry] = entries.filter(({ header }) => header.type === 'file');
    if (!entry) throw new DrydockError('agent-failed', `${path} is no file any more.`);
    return entry.data ?? new Uint8Array();
  }

  /** The Engine puts another file in the place of the one that is there, which one that is mounted does not let it do. */
  async write(path: string, bytes: Uint8Array, { mode, uid, gid }: Ownership): Promise<void> {
    const { mounts, readOnly } = await this.#running();
    const source = mounts.get(path);
    if (source !== undefined) {
      if (readOnly.has(path))
        throw new DrydockError('wrong-state', `${path} is mounted read-only in ${this.#container.name}.`);
      await this.guest.write(source, bytes);
      return;
    }
    const now = new Date();
    const header = {
      name: nameOf(path),
      size: bytes.length,
      type: 'file',
      mode,
      uid,
      gid,
      mtime: now,
      // The field of the header has whole seconds.
      pax: { mtime: (now.getTime() / 1000).toFixed(3) },
    } as const;
    const body = await packTar([{ header, body: bytes }]);
    await this.#put(parentOf(path), body);
  }

  async upload(
    folder: string,
    files: readonly UploadFile[],
    { onProgress, signal }: TransferOptions,
  ): Promise<void> {
    const large = files.find(({ file }) => file.size > MAX_ENGINE_BYTES);
    if (large) throw tooLarge(large.path, 'put into');
    const totalBytes = sizeOf(files);
    let doneBytes = 0;
    for (const batch of batchesOf(files)) {
      signal.throwIfAborted();
      onProgress({ doneBytes, totalBytes });
      await this.#put(folder, await packFiles(batch));
      doneBytes += sizeOf(batch);
    }
    signal.throwIfAborted();
  }

  async download(path: string, size: number, { onProgress, signal }: TransferOptions): Promise<Blob> {
    if (size > MAX_ENGINE_BYTES) throw tooLarge(nameOf(path), 'got out of');
    onProgress({ doneBytes: 0, totalBytes: undefined });
    const bytes = await this.read(path);
    signal.throwIfAborted();
    return new Blob([bytes]);
  }

  async downloadFolder(path: string, { onProgress, signal }: TransferOptions): Promise<Blob> {
    onProgress({ doneBytes: 0, totalBytes: undefined });
    const { bytes } = await this.guest
      .ask({ method: 'GET', target: this.#archive(path) })
      .catch((error: unknown) => {
        if (error instanceof DrydockError && error.message.includes('too large'))
          throw tooLarge(nameOf(path), 'got out of');
        throw error;
      });
    signal.throwIfAborted();
    return new Blob([bytes]);
  }

  async #put(folder: string, body: Uint8Array): Promise<void> {
    const target = `${this.#archive(folder)}&noOverwriteDirNonDir=1`;
    await this.guest.ask({ method: 'PUT', target, body });
  }

  #archive(path: string): string {
    return `/containers/${this.#container.id}/archive?path=${encodeURIComponent(path)}`;
  }

  async #running(): Promise<ContainerDetails & { pid: number }> {
    const { name, id } = this.#container;
    const details = await inspectContainer(this.guest, id);
    if (!details)
      throw new DrydockError('wrong-state', `There is no container ${name} any more.`, { container: 'gone' });
    if (details.pid === undefined)
      throw new DrydockError('wrong-state', `The container ${name} does not run.`, { container: 'stopped' });
    return { ...details, pid: details.pid };
  }
}

function tooLarge(what: string, direction: 'put into' | 'got out of'): DrydockError {
  return new DrydockError(
    'storage-full',
    `${what} is larger than ${MAX_ENGINE_BYTES >> 20} MB, which is the most that can be ${direction} a container at once.`,
  );
}
