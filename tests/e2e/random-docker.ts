/** Commands of Docker's, at random, on few names so that they meet. */

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** `count` commands; some are refused, as when a name is taken. */
export function randomCommands(seed: number, count: number): string[] {
  const random = generator(seed);
  const one = (...choices: string[]): string => choices[Math.floor(random() * choices.length)] ?? '';
  const container = (): string => one('a', 'b', 'c', 'd');
  const network = (): string => one('red', 'green');
  const volume = (): string => one('v1', 'v2');
  const service = (): string => one('s1', 's2');
  const place = (): string =>
    [one('', `--network ${network()}`), one('', `-v ${volume()}:/data`)].filter(Boolean).join(' ');
  const kinds: (() => string)[] = [
    () => `docker run -d --name ${container()} ${place()} busybox sleep 1000`,
    () => `docker run -d --name ${container()} ${place()} busybox sleep 1000`,
    () => `docker run --name ${container()} busybox ${one('true', 'false')}`,
    () => `docker create --name ${container()} ${place()} busybox sleep 1000`,
    () => `docker ${one('stop -t 0', 'kill', 'restart -t 0', 'start', 'pause', 'unpause')} ${container()}`,
    () => `docker ${one('stop -t 0', 'start', 'restart -t 0')} ${container()}`,
    () => `docker rm -f ${container()}`,
    () => `docker rename ${container()} ${container()}`,
    () => `docker network create ${network()}`,
    () => `docker network create ${network()}`,
    () => `docker network ${one('connect', 'connect', 'disconnect')} ${network()} ${container()}`,
    () => `docker network rm ${network()}`,
    () => `docker volume ${one('create', 'rm')} ${volume()}`,
    () => `docker service create -d -q --name ${service()} --replicas ${one('1', '2')} busybox sleep 1000`,
    () => `docker service scale -d ${service()}=${one('0', '1', '2', '3')}`,
    () => `docker service rm ${service()}`,
    () => `docker ${one('container', 'volume', 'network')} prune -f`,
  ];
  return Array.from({ length: count }, () => (kinds[Math.floor(random() * kinds.length)] ?? (() => ''))());
}
