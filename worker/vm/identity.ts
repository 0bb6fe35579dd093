/**
 * What makes a machine one node among others. All machines begin as the one in the snapshot, which is node1; another
 * takes its own name, address, hardware address, machine id and Engine id while it runs, before anyone uses it. It makes
 * its ssh host key itself when it is first asked for (`ssh.service.d/host-key.conf`).
 *
 * The Engine reads its id once, at its start, which takes ten seconds here. So the id is exchanged in the memory of the
 * running Engine too, where the snapshot noted that it is; each place is looked at before it is written to.
 */
import { DrydockError } from '../error.ts';
import { nodeAddress, nodeMac, type NodeName } from '../net/lan.ts';
import { randomUuid } from '../random-uuid.ts';
import type { Agent } from './agent.ts';

/** The journal's folder is named by the machine's id, which journald reads at its start. `sync` is for the case that the power goes next. */
const BECOME = String.raw`
set -e
name=$1 address=$2 mac=$3 machine=$4 engine=$5
. /etc/drydock/node
[ "$ADDRESS" != "$address" ] || { echo already; exit; }
ip -batch - <<END
link set eth0 down
address flush dev eth0
link set eth0 address $mac
address add $address/24 dev eth0
link set eth0 up
END
echo "$name" > /proc/sys/kernel/hostname
echo "$name" > /etc/hostname
printf 'ADDRESS=%s\nMAC=%s\n' "$address" "$mac" > /etc/drydock/node
old=$(< /etc/machine-id)
echo "$machine" > /etc/machine-id
id=$(< /var/lib/docker/engine-id)
printf %s "$engine" > /var/lib/docker/engine-id
if [ -e /run/drydock/engine-id ]; then
  perl -e '
    my ($pid, $old, $new) = @ARGV;
    open(my $places, "<", "/run/drydock/engine-id") or die "places: $!";
    open(my $memory, "+<", "/proc/$pid/mem") or die "mem: $!";
    while (my $at = <$places>) {
      sysseek($memory, $at, 0);
      sysread($memory, my $bytes, length $old);
      next if $bytes ne $old;
      sysseek($memory, $at, 0);
      syswrite($memory, $new);
    }' "$(< /run/docker.pid)" "$id" "$engine"
fi
if [ -e "/run/log/journal/$old" ]; then
  mv "/run/log/journal/$old" "/run/log/journal/$machine"
  systemctl restart --no-block systemd-journald
fi
sync /etc/hostname /etc/drydock/node /etc/machine-id /var/lib/docker/engine-id`;

/** How long it may take, in seconds; the machine may share a core with four others that do the same. */
const SECONDS = 60;

/**
 * Has a machine that runs become `node`, unless it is that already.
 * @returns `became` if it was another before: shells that run know its old name until their next prompt
 * @throws DrydockError `restore-failed`
 */
export async function become(agent: Agent, node: NodeName): Promise<'became' | 'already'> {
  const machineId = randomUuid().replaceAll('-', '');
  const parameters = [node, nodeAddress(node), nodeMac(node), machineId, randomUuid()];
  const { exitCode, stdout, stderr } = await agent.run('/bin/bash', ['-c', BECOME, 'become', ...parameters], {
    timeout: SECONDS,
  });
  if (exitCode !== 0)
    throw new DrydockError(
      'restore-failed',
      `The machine could not take the place of ${node}: ${stderr.trim()}`,
    );
  return stdout.startsWith('already') ? 'already' : 'became';
}
