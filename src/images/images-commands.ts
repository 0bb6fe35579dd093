import type { Command } from '../app/commands.svelte.ts';
import type { ImageSet } from '../../worker/hub/offline-files.ts';
import { missingBytes } from './catalogue-view.ts';
import { imageHub } from './image-hub.svelte.ts';

export const EVERYTHING: ImageSet = { of: 'everything' };

/** The set in the user's words. */
export const EVERYTHING_SUBJECT = 'The whole catalogue';

/** Makes the whole catalogue available offline. */
export function keepEverything(): void {
  imageHub.keep(EVERYTHING, EVERYTHING_SUBJECT);
}

/** What can be done on every page of images. `chooseFile` lets the user pick an archive. */
export function imagesCommands(chooseFile: () => void): Command[] {
  const { listing } = imageHub;
  const nothingMissing = listing && missingBytes(listing.offline) === 0;
  return [
    { id: 'images-upload', group: 'Images', title: 'Upload an archive of an image…', run: chooseFile },
    {
      id: 'images-keep-all',
      group: 'Images',
      title: 'Make all images available offline',
      unavailable: !listing
        ? 'The list is not here yet'
        : listing.keeping === 'impossible'
          ? 'It needs HTTPS or localhost'
          : nothingMissing
            ? 'They are'
            : undefined,
      run: keepEverything,
    },
  ];
}
