import type { Command } from '../app/commands.svelte.ts';
import type { OfflineSet } from '../../worker/hub-host.ts';
import type { KeptShare } from '../../worker/kept-files.ts';
import { missingBytes } from './catalogue-view.ts';
import { imageHub } from './image-hub.svelte.ts';

/** All that is needed without a network, in the user's words. */
export const WHOLE: Record<'machine' | 'catalogue', { set: OfflineSet; subject: string }> = {
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
  return [
    { id: 'images-upload', group: 'Images', title: 'Upload an archive of an image…', run: chooseFile },
    {
      id: 'images-keep-machine',
      group: 'Images',
      title: 'Make the machine available offline',
      unavailable: unavailable(listing?.machine),
      run: () => {
        imageHub.keep(WHOLE.machine.set, WHOLE.machine.subject);
      },
    },
    {
      id: 'images-keep-all',
      group: 'Images',
      title: 'Make the whole catalogue available offline',
      unavailable: unavailable(listing?.offline),
      run: () => {
        imageHub.keep(WHOLE.catalogue.set, WHOLE.catalogue.subject);
      },
    },
  ];
}
