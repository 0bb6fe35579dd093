/** What to tell the user when the machine failed: why, and what can be done about it. */
import { DrydockError, toWire, type ErrorCode, type WireError } from '../../worker/error.ts';
import type { LoadStage, ProfileName } from '../../worker/protocol.ts';
import { stageLabel } from './loading.ts';
import type { Origin } from './session.svelte.ts';

/** What a button of the failure card does. */
export type Remedy =
  | 'retry'
  | 'small'
  | 'reload'
  /** From the disk of the session that the machine came from. */
  | 'boot'
  /** To a checkpoint of that session. */
  | 'rewind'
  /** A machine of its own, in a session of its own. */
  | 'fresh';

export interface Advice {
  /** Which step failed. */
  title: string;
  /** Why, in a sentence or two, and what to do. */
  text: string;
  /** The best remedy first. */
  remedies: Remedy[];
}

const BY_CODE: Record<ErrorCode, Omit<Advice, 'title'>> = {
  'unsupported-browser': {
    text: 'This browser lacks something that the machine needs. A current Chrome, Edge, Firefox or Safari has it.',
    remedies: ['reload'],
  },
  'download-failed': {
    text: 'A file did not come from the server. Check the connection, then try again: files that are here already are not fetched twice.',
    remedies: ['retry'],
  },
  'damaged-file': {
    text: 'A file arrived damaged, so it was not used. Trying again usually helps; if it does not, the copy on the server is damaged.',
    remedies: ['retry'],
  },
  'wrong-release': {
    text: 'The machine on the server and this page are of different versions. Reloading the page fetches matching ones.',
    remedies: ['reload', 'retry'],
  },
  'out-of-memory': {
    text: 'The browser did not give the machine the memory it needs. Closing other tabs may help.',
    remedies: ['small', 'retry'],
  },
  'restore-failed': {
    text: 'The machine was restored but did not come up. Trying again usually helps.',
    remedies: ['retry', 'small'],
  },
  timeout: {
    text: 'The machine did not answer in time. A busy computer can cause this: try again when it is less busy.',
    remedies: ['retry', 'small'],
  },
  'agent-failed': {
    text: 'The machine runs, but the program in it that Drydock talks to answered with an error.',
    remedies: ['retry'],
  },
  'wrong-state': {
    text: 'The machine was not in a state for this. Trying again starts it afresh.',
    remedies: ['retry'],
  },
  'network-failed': { text: "The machine's network could not be set up.", remedies: ['retry'] },
  'storage-full': {
    text: 'The browser has no room left. Remove pushed images that you no longer need, or free space on this device.',
    remedies: ['retry'],
  },
  'session-gone': {
    text: 'The browser has cleared what was saved, or somebody has. Trying again starts a fresh machine.',
    remedies: ['retry'],
  },
  internal: {
    text: 'This is a fault in Drydock. Trying again, or reloading the page, may get you going.',
    remedies: ['retry', 'reload'],
  },
};

const SMALL_HINT = 'There is a smaller machine for devices that are short of memory.';

const STAYS = 'The session stays in the list, whatever you choose.';

/**
 * What to say and offer after `error` ended `stage` of loading a machine of `profile`.
 * @param origin what it came from: nothing, or the memory or the disk of a session
 */
export function adviceFor(
  error: Error,
  stage: LoadStage | undefined,
  profile: ProfileName,
  origin: Origin['cause'] = 'start',
): Advice {
  const title = stage ? `This step failed: ${lowerFirst(stageLabel(stage))}` : 'The machine failed';
  const code = error instanceof DrydockError ? error.code : 'internal';
  const { text, remedies } = BY_CODE[code];
  if (origin === 'start' || code === 'session-gone') {
    const offered = remedies.filter((remedy) => remedy !== 'small' || profile !== 'small');
    return { title, text: offered.includes('small') ? `${text} ${SMALL_HINT}` : text, remedies: offered };
  }
  const ways: Remedy[] = origin === 'continue' ? ['boot', 'rewind', 'fresh'] : ['rewind', 'fresh'];
  if (isOfSession(error))
    return {
      title: 'The saved session cannot be opened',
      text: `Something that was saved is gone or damaged, so it was not used. ${STAYS}`,
      remedies: [...ways, 'retry'],
    };
  // How much memory it has is part of the session.
  const others = remedies.filter((remedy) => remedy !== 'small');
  return { title, text: `${text} ${STAYS}`, remedies: [...others, ...ways] };
}

/** Whether it was the session that was damaged: for a file of the release, `path` tells which. */
function isOfSession(error: Error): boolean {
  return (
    error instanceof DrydockError && error.code === 'damaged-file' && error.details['path'] === undefined
  );
}

/** Everything that is known of an error, as text to copy into a report. */
export function errorReport(error: Error): string {
  const lines: string[] = [];
  for (let wire: WireError | undefined = toWire(error); wire; wire = wire.cause) {
    const code = wire.code ? ` [${wire.code}]` : '';
    lines.push(`${lines.length > 0 ? 'caused by ' : ''}${wire.name}${code}: ${wire.message}`);
    if (wire.details && Object.keys(wire.details).length > 0) lines.push(JSON.stringify(wire.details));
    if (wire.stack) lines.push(wire.stack.replace(`${wire.name}: ${wire.message}\n`, ''));
  }
  return lines.join('\n');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
