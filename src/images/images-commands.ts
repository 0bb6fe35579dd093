import type { Command } from '../app/commands.svelte.ts';

/** What can be done on every page of images. `chooseFile` lets the user pick an archive. */
export function imagesCommands(chooseFile: () => void): Command[] {
  return [{ id: 'images-upload', group: 'Images', title: 'Upload an archive of an image…', run: chooseFile }];
}
