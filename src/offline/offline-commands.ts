import type { Command } from '../app/commands.svelte.ts';
import { missingBytes } from '../images/catalogue-view.ts';
import { imageHub } from '../images/image-hub.svelte.ts';
import type { OfflineSet } from '../../worker/hub-host.ts';
import type { KeptShare } from '../../worker/kept-files.ts';

interface Whole {
  set: OfflineSet;
  /** It in the user's words. */
  subject: string;
}

/** All that is needed without a network. */
export const WHOLE: Record<'machine' | 'catalogue', Whole> = {
  machine: { set: { of: 'machine' }, subject: 'The machine' },
  catalogue: { set: { of: 'everything' }, subject: 'The whole catalogue' },
};

/** What can be done on the pages that follow the hub. */
export function offlineCommands(): Command[] {
  const { listing } = imageHub;
  const unavailable = (share: KeptShare | undefined): string | undefined => {
    if (!listing) return 'The list is not here yet';
    if (listing.keeping === 'impossible' || !share) return 'It needs HTTPS or localhost';
    return missingBytes(share) === 0 ? 'It is' : undefined;
  };
  const keep = (
    id: string,
    title: string,
    { set, subject }: Whole,
    share: KeptShare | undefined,
  ): Command => ({
    id,
    group: 'Images',
    title,
    unavailable: unavailable(share),
    run: () => {
      imageHub.keep(set, subject);
    },
  });
  return [
    keep('keep-machine', 'Make the machine available offline', WHOLE.machine, listing?.machine),
    keep('keep-images', 'Make the whole catalogue available offline', WHOLE.catalogue, listing?.offline),
  ];
}
