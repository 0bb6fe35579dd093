/**
 * An image as an OCI archive: an OCI image layout 1.0 in a tar file, as `skopeo copy … oci-archive:` writes and reads
 * it. `manifest.json` beside it is what `docker load` of Engine 26 looks for.
 */
import { createTarPacker } from 'modern-tar';
import { DrydockError } from '../error.ts';
import type { ByteStream } from './blob-stream.ts';
import { blobsOf, OCI_INDEX, parseManifest, type ImageManifest } from './manifest.ts';
import { familiarName, isDigest } from './names.ts';
import type { FoundManifest, Repositories } from './repositories.ts';

/** One file of the archive. */
interface Member {
  path: string;
  bytes: number;
  open(): Promise<ReadableStream<Uint8Array>>;
}

/**
 * Streams an image out.
 * @param repository with the registry
 * @param reference tag or digest
 * @throws DrydockError `wrong-state` if there is no such image or a part of it is missing
 */
export async function exportImage(
  repositories: Repositories,
  repository: string,
  reference: string,
): Promise<ByteStream> {
  const top = await repositories.manifest(repository, reference);
  if (!top) throw missing(repository, reference);
  const members = new Map<string, Member>();
  const images: ImageManifest[] = [];

  const addManifest = async (found: FoundManifest): Promise<void> => {
    const body = await found.read();
    members.set(found.digest, file(blobPath(found.digest), body));
    const parsed = parseManifest(body, found.mediaType);
    if (typeof parsed === 'string') throw new DrydockError('damaged-file', parsed);
    if (parsed.kind === 'index') {
      for (const { digest } of parsed.index.manifests) {
        const child = await repositories.manifest(repository, digest);
        if (!child) throw missing(repository, digest);
        await addManifest(child);
      }
      return;
    }
    images.push(parsed.image);
    for (const { digest } of blobsOf(parsed.image)) {
      const blob = await repositories.blob(repository, digest);
      if (!blob) throw missing(repository, digest);
      members.set(digest, { path: blobPath(digest), bytes: blob.bytes, open: () => blob.open() });
    }
  };
  await addManifest(top);

  const tag = isDigest(reference) ? undefined : reference;
  const documents = [
    json('oci-layout', { imageLayoutVersion: '1.0.0' }),
    json('index.json', {
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [
        {
          mediaType: top.mediaType,
          digest: top.digest,
          size: top.bytes,
          ...(tag !== undefined && {
            annotations: {
              'io.containerd.image.name': `${repository}:${tag}`,
              'org.opencontainers.image.ref.name': tag,
            },
          }),
        },
      ],
    }),
    json(
      'manifest.json',
      images.slice(0, 1).map(({ config, layers }) => ({
        Config: blobPath(config.digest),
        RepoTags: tag === undefined ? null : [`${familiarName(repository)}:${tag}`],
        Layers: layers.map((layer) => blobPath(layer.digest)),
      })),
    ),
  ];
  return tar([...documents, ...members.values()]);
}

function tar(members: readonly Member[]): ByteStream {
  const { readable, controller } = createTarPacker();
  const write = async (): Promise<void> => {
    for (const member of members) {
      const { path, bytes } = member;
      const entry = controller.add({
        name: path,
        size: bytes,
        type: 'file',
        mtime: new Date(0),
        mode: 0o644,
      });
      await (await member.open()).pipeTo(entry);
    }
    controller.finalize();
  };
  write().catch((error: unknown) => {
    controller.error(error);
  });
  return readable;
}

const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

const json = (path: string, value: unknown): Member =>
  file(path, new TextEncoder().encode(JSON.stringify(value)));

function file(path: string, content: Uint8Array<ArrayBuffer>): Member {
  return {
    path,
    bytes: content.length,
    open: () =>
      Promise.resolve(
        new ReadableStream({
          start(controller) {
            controller.enqueue(content);
            controller.close();
          },
        }),
      ),
  };
}

function missing(repository: string, reference: string): DrydockError {
  return new DrydockError(
    'wrong-state',
    `${familiarName(repository)} cannot be saved: the hub has no ${reference} in it.`,
    { repository, reference },
  );
}
