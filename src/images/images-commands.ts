import type { Command } from '../app/commands.svelte.ts';
import type { OfflineSet } from '../../worker/hub-host.ts';
import type { KeptShare } from '../../worker/kept-files.ts';
import { missingBytes } from './catalogue-view.ts';
import { imageHub } from './image-hub.svelte.ts';

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

/** What can be done on every page of images. `chooseFile` lets the user pick an archive. */
export function imagesCommands(chooseFile: () => void): Command[] {
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
    { id: 'images-upload', group: 'Images', title: 'Upload an archive of an image…', run: chooseFile },
    keep('images-keep-machine', 'Make the machine available offline', WHOLE.machine, listing?.machine),
    keep('images-keep-all', 'Make the whole catalogue available offline', WHOLE.catalogue, listing?.offline),
  ];
}
