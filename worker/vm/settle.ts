/**
 * What a machine needs after a restore to be itself again. A snapshot wakes up believing that it is still
 * the moment it was saved at, and every copy of it would draw the same random numbers:
 * 1. the clock is set to the host's (the guest's TSC goes on from the saved value);
 * 2. the kernel's random generator is reseeded with randomness of this browser. Without that, two copies
 *    of a snapshot give their containers the same ids. RNDRESEEDCRNG is `_IO('R', 7)`, linux/random.h.
 */
import { DrydockError } from '../error.ts';
import type { Agent } from './agent.ts';

/** Bytes of fresh randomness: the size of the kernel's ChaCha20 key. */
const SEED_BYTES = 32;

/** How long a restored machine may take to answer at all, in milliseconds. */
const ANSWER_MILLISECONDS = 30_000;

/**
 * Sets the clock to the time in its first parameter, in seconds, and reseeds with the second one unless it is
 * empty. One small process, since the learner waits for it; and since on a busy host it takes a second to come so far,
 * it adds its own age: field 22 of its `stat` is when it began, in hundredths of a second like the uptime
 * (proc_pid_stat(5)). 404 is i386's `clock_settime64` (arch/x86/entry/syscalls/syscall_32.tbl), which perl has no name
 * for.
 */
const SETTLE = `
my ($now, $seed) = @ARGV;
$now =~ /^\\d+\\.\\d{3}$/ or die "time: $now";
open(my $stat, "<", "/proc/self/stat") or die "stat: $!";
my $began = (split " ", <$stat> =~ s/.*\\) //sr)[19] / 100;
open(my $uptime, "<", "/proc/uptime") or die "uptime: $!";
$now += (split " ", <$uptime>)[0] - $began;
syscall(404, 0, pack("q2", int $now, ($now - int $now) * 1e9)) == 0 or die "clock: $!";
exit unless $seed;
open(my $random, "+>", "/dev/urandom") or die "urandom: $!";
syswrite($random, pack("H*", $seed));
ioctl($random, 0x5207, 0) or die "reseed: $!";`;

/**
 * @throws DrydockError `restore-failed` when the machine does not answer or refuses
 */
export async function settle(agent: Agent): Promise<void> {
  const seed = Array.from(crypto.getRandomValues(new Uint8Array(SEED_BYTES)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  try {
    await agent.ready(ANSWER_MILLISECONDS);
    await setClock(agent, seed);
  } catch (cause) {
    throw new DrydockError(
      'restore-failed',
      'The machine was restored, but it does not answer.',
      {},
      { cause },
    );
  }
}

/** Sets the guest's clock to the host's, to some hundredths of a second, and mixes `seed` (hex), if any, into its random numbers. */
export async function setClock(agent: Agent, seed = ''): Promise<void> {
  const now = (Date.now() / 1000).toFixed(3);
  const { exitCode, stderr } = await agent.run('/usr/bin/perl', ['-e', SETTLE, now, seed], {
    timeout: 20,
  });
  if (exitCode !== 0)
    throw new DrydockError('agent-failed', `The machine's clock could not be set: ${stderr.trim()}`);
}
