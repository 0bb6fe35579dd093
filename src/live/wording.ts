/** The live view's words for what it shows, for the eye and for screen readers. */
import { plural } from '../app/format.ts';
import type {
  ContainerView,
  ImageView,
  MachineView,
  NetworkView,
  ServiceView,
  VolumeView,
} from './picture.ts';

/** `running, healthy`, `exited (137), restarted 3 times`. */
export function stateOf({ state, health, exitCode, restarts }: ContainerView): string {
  const words: string[] = [exitCode === undefined ? state : `${state} (${exitCode})`];
  if (health) words.push(health === 'starting' ? 'health not known yet' : health);
  if (restarts > 0) words.push(`restarted ${restarts === 1 ? 'once' : plural(restarts, 'time')}`);
  return words.join(', ');
}

/** A container in a sentence. */
export function describeContainer(container: ContainerView): string {
  const { name, image, attachments, mounts, ports } = container;
  const parts = [`Container ${name}, ${stateOf(container)}, image ${image}`];
  if (attachments.length > 0) parts.push(`networks ${attachments.map((each) => each.name).join(', ')}`);
  const volumes = mounts.flatMap(({ volume }) => (volume === undefined ? [] : [shortName(volume)]));
  if (volumes.length > 0) parts.push(`volumes ${volumes.join(', ')}`);
  if (ports.length > 0) parts.push(`ports ${ports.join(', ')}`);
  return parts.join('; ');
}

export function describeNetwork({ name, driver, containers }: NetworkView): string {
  return `Network ${name}, ${driver}, ${containers.length === 0 ? 'no containers' : `containers ${containers.join(', ')}`}`;
}

export function describeVolume({ name, containers }: VolumeView): string {
  return `Volume ${shortName(name)}, ${containers.length === 0 ? 'not used' : `used by ${containers.join(', ')}`}`;
}

export function describeService({ name, image, running, desired }: ServiceView): string {
  return `Service ${name}, image ${image}, ${running} of ${plural(desired, 'task')} running`;
}

export function describeMachine({ name, containers, membership }: MachineView): string {
  const role = membership ? `, ${roleOf(membership)}` : '';
  return `Machine ${name}${role}, ${plural(containers.length, 'container')}`;
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

/** The name that Docker makes up for a volume is 64 digits. */
export function shortName(name: string): string {
  return /^[0-9a-f]{64}$/.test(name) ? name.slice(0, 12) : name;
}

/** Why nothing is known of a machine, as a note in its box. */
export const SILENCE = {
  loading: 'Starting …',
  off: 'Powered off',
  paused: 'Paused',
  failed: 'Failed',
  'engine-down': 'Its Docker Engine does not run',
} as const;

/** An image's first name; its id where it has none. */
export function imageName({ id, names }: Pick<ImageView, 'id' | 'names'>): string {
  return names[0] ?? id.replace('sha256:', '').slice(0, 12);
}
