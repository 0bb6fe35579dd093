/** The live view's words for what it shows, for the eye and for screen readers. */
import { plural } from '../app/format.ts';
import type { ContainerView, ImageView, MachineView, NetworkView, VolumeView } from './picture.ts';

/** `running, healthy`, `exited (137), restarted 3 times`. */
export function stateOf({ state, health, exitCode, restarts }: ContainerView): string {
  const words: string[] = [exitCode === undefined ? state : `${state} (${exitCode})`];
  if (health) words.push(health === 'starting' ? 'health not known yet' : health);
  if (restarts > 0) words.push(`restarted ${restarts === 1 ? 'once' : plural(restarts, 'time')}`);
  return words.join(', ');
}

/** What a container is connected to, in a sentence. */
export function connectionsOf({ attachments, mounts }: ContainerView): string {
  const volumes = mounts.flatMap(({ volume }) => (volume === undefined ? [] : [shortName(volume)]));
  return [
    ...(attachments.length > 0 ? [`networks ${attachments.map(({ name }) => name).join(', ')}`] : []),
    ...(volumes.length > 0 ? [`volumes ${volumes.join(', ')}`] : []),
  ].join('; ');
}

/** Which containers are at a network, or use a volume. */
export function usersOf({ containers }: NetworkView | VolumeView): string {
  return containers.length === 0 ? 'no containers' : `containers ${containers.join(', ')}`;
}

/** `leader`, `manager, drain`. */
export function roleOf({
  role,
  isLeader,
  availability,
  state,
}: NonNullable<MachineView['membership']>): string {
  return [
    isLeader ? 'leader' : role,
    ...(availability === 'active' ? [] : [availability]),
    ...(state === 'ready' ? [] : [state]),
  ].join(', ');
}

/** An id, or the digest of a layer, as Docker's command line shortens it. */
export const shortId = (id: string): string => id.replace('sha256:', '').slice(0, 12);

/** The name that Docker makes up for a volume is 64 digits. */
export function shortName(name: string): string {
  return /^[0-9a-f]{64}$/.test(name) ? name.slice(0, 12) : name;
}

/** Why nothing is known of a machine, as a note in its box. */
export const SILENCE = {
  loading: 'Not known yet …',
  off: 'Powered off',
  paused: 'Paused',
  failed: 'Failed',
  'engine-down': 'Its Docker Engine does not run',
} as const;

/** An image's first name; its id where it has none. */
export function imageName({ id, names }: Pick<ImageView, 'id' | 'names'>): string {
  return names[0] ?? shortId(id);
}
