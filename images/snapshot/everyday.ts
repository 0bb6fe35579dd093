/**
 * What everyone does first in a machine, done before the snapshot: the code that it runs is then compiled in the
 * snapshot, and its pages are in memory. Nothing of it is left behind.
 *
 * Not here are `docker build` and `docker compose`, and `docker info` and `docker --help`, which start each plugin:
 * they would bring 60 MB of programs into memory.
 */

const RUN = 'docker run --rm busybox true';

const LOOK = 'docker ps; docker ps -a; docker images; docker system df';

const CONTAINER = `docker run -d --name everyday -p 8080:80 busybox httpd -f -h /etc
docker exec everyday ls /; docker logs everyday; docker inspect everyday; docker stop -t 0 everyday
docker start everyday; docker rm -f everyday`;

const NETWORK = `docker network create everyday; docker network inspect everyday
docker run --rm --network everyday busybox true; docker network rm everyday; docker network ls`;

const VOLUME = `docker volume create everyday; docker run --rm -v everyday:/data busybox touch /data/x
docker volume ls; docker volume rm everyday`;

/** Through the mirror; and for an image that is not there through TLS too, whose end in the machine then runs already. */
const PULL = 'docker rmi hello-world && docker pull hello-world && ! docker pull nosuch';

const SHELL = 'ls -l / /etc; cat /etc/os-release; ps aux; df -h; free -m; ip addr; systemctl status docker';

export const EVERYDAY = [
  ...[RUN, LOOK, CONTAINER, RUN, SHELL, NETWORK, VOLUME, PULL],
  ...[RUN, LOOK, CONTAINER, RUN, SHELL, NETWORK, PULL, RUN],
].map((script) => `( ${script} ) >/dev/null 2>&1 </dev/null`);
