/**
 * `docker pull` of a small and a large image, with the browser keeping their files already, and what its parts cost by
 * themselves: the same layers transferred, hashed, decompressed and unpacked by C programs in the machine. The Engine
 * does more (it records each layer so that it can be packed again), and does it in Go.
 */
import type { TimedCommand } from './commands.ts';

const TIMES = 3;

interface Pulled {
  id: string;
  /** In `library/`. */
  image: string;
  megabytes: number;
  goal: string;
}

const IMAGES: Pulled[] = [
  { id: 'pull-small', image: 'alpine', megabytes: 5, goal: '≤ 3 s' },
  { id: 'pull-large', image: 'nginx', megabytes: 50, goal: '≤ 20 s' },
];

const layersOf = (image: string): string => {
  const base = `http://mirror.drydock/v2/library/${image}`;
  const accept = 'Accept: application/vnd.oci.image.manifest.v1+json';
  return `for layer in $(curl -s -H '${accept}' ${base}/manifests/latest | jq -r '.layers[].digest'); do curl -s ${base}/blobs/$layer`;
};

const FOLDER = '/tmp/layers';

function commandsFor({ id, image, megabytes, goal }: Pulled): TimedCommand[] {
  const fetch = `rm -rf ${FOLDER}; mkdir -p ${FOLDER}; n=0; ${layersOf(image)} -o ${FOLDER}/$((n += 1)).zst; done; zstd -q -d -k ${FOLDER}/*.zst`;
  const part = (
    name: string,
    title: string,
    script: string,
    before?: string,
    after?: string,
  ): TimedCommand => ({
    id: `${id}-${name}`,
    title: `  of it, alone: ${title}`,
    script,
    times: TIMES,
    ...(before && { before }),
    ...(after && { after }),
  });
  return [
    {
      id,
      title: `docker pull ${image}, ${megabytes} MB unpacked`,
      before: `docker pull -q ${image} && docker rmi -f ${image}`,
      script: `docker pull -q ${image}`,
      after: `docker rmi -f ${image}`,
      times: TIMES,
      goal,
    },
    part('transfer', 'transfer', `${layersOf(image)} -o /dev/null; done`),
    part('hash', 'SHA-256 of layers, compressed and not', `cd ${FOLDER} && sha256sum *`, fetch),
    part('inflate', 'decompression', `cd ${FOLDER} && for layer in *.zst; do zstd -q -dc $layer; done`),
    part(
      'unpack',
      'unpacking',
      `mkdir -p ${FOLDER}/root && for layer in ${FOLDER}/[0-9]; do tar -C ${FOLDER}/root -xf $layer; done; sync`,
      undefined,
      `rm -rf ${FOLDER}/root`,
    ),
  ];
}

export const PULLS: TimedCommand[] = IMAGES.flatMap(commandsFor);
