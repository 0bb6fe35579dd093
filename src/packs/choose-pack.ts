import { fromEvent } from 'file-selector';
import { currentLocation } from '../app/location.svelte.ts';
import { report } from '../machine/operations.ts';
import { chooseFiles } from '../ui/choose-files.ts';
import { packLibrary } from './pack-library.svelte.ts';

/** Looks at what was dropped or chosen in `event`, on the page for that. */
export async function takePack(event: Event): Promise<void> {
  const files = (await fromEvent(event)).filter((file) => file instanceof File);
  if (files.length === 0) return;
  currentLocation.go({ page: 'pack' });
  await packLibrary.look(files.map((file) => ({ path: file.path, file })));
}

/** Lets the user choose a zip. */
export function choosePack(): void {
  chooseFiles({ accept: '.zip,application/zip' }, (event) => {
    report(takePack(event));
  });
}
