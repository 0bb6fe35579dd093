import { dialogs } from '../app/dialogs.svelte.ts';
import { imageHub, type Deletion } from './image-hub.svelte.ts';

/** Asks whether to delete what was pushed. */
export function deleteLater(deletion: Deletion): void {
  imageHub.deletion = deletion;
  dialogs.open = 'delete-image';
}
