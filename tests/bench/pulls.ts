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
  /** An image whose layers are there already. */
  base?: string;
  /** jq's words for the layers that are pulled. */
  layers: string;
  /** What they unpack to. */
  megabytes: number;
  goal: string;
}

/** The large one first: the small one's base is a part of it. */
const IMAGES: Pulled[] = [
  { id: 'pull-large', image: 'registry', layers: '.layers[]', megabytes: 46, goal: '≤ 20 s' },
  { id: 'pull-small', image: 'haproxy', base: 'nginx', layers: '.layers[1:][]', megabytes: 6, goal: '≤ 3 s' },
];

const eachLayer = ({ image, layers }: Pulled, options: string): string => {
  const base = `http://mirror.drydock/v2/library/${image}`;
  const accept = 'Accept: application/vnd.oci.image.manifest.v1+json';
  return `for layer in $(curl -s -H '${accept}' ${base}/manifests/latest | jq -r '${layers}.digest'); do curl -s ${base}/blobs/$layer -o ${options}; done`;
};

const FOLDER = '/tmp/layers';

function commandsFor(pulled: Pulled): TimedCommand[] {
  const { id, image, base, megabytes, goal } = pulled;
  const fetch = `rm -rf ${FOLDER}; mkdir -p ${FOLDER}; n=0; ${eachLayer(pulled, `${FOLDER}/$((n += 1)).zst`)}; zstd -q -d -k ${FOLDER}/*.zst`;
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
      title: `docker pull ${image}, ${megabytes} MB unpacked${base ? `, its base there` : ''}`,
      before: `${base ? `docker pull -q ${base} && ` : ''}docker pull -q ${image} && docker rmi -f ${image}`,
      script: `docker pull -q ${image}`,
      after: `docker rmi -f ${image}`,
      times: TIMES,
      goal,
    },
    part('transfer', 'transfer', eachLayer(pulled, '/dev/null')),
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
