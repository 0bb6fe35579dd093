/** What the user is told, on whatever page, of the keeping of the app: a slow first fetch, and a newer version. */
import { toast } from 'svelte-sonner';
import { appKeeping, type Keeping } from './app-keeping.svelte.ts';

/** A fetch that ends sooner is not worth a word. */
const PATIENCE_MILLISECONDS = 2000;

const FETCH_TOAST = 'app-fetch';
const UPDATE_TOAST = 'app-update';

/** Follows `appKeeping` as long as the page is there. */
export function announceKeeping(): void {
  let began: number | undefined;
  $effect.root(() => {
    $effect(() => {
      const { state } = appKeeping;
      if (state.phase === 'fetching') {
        began ??= performance.now();
        const wait = Math.max(began + PATIENCE_MILLISECONDS - performance.now(), 0);
        const timer = setTimeout(announceFetch, wait, state);
        return () => {
          clearTimeout(timer);
        };
      }
      toast.dismiss(FETCH_TOAST);
      if (state.phase === 'newer-waits')
        announceUpdate(
          'A new version of Drydock is here.',
          'It comes with your next visit. To reload now saves the machine of this tab first, and goes on with it.',
        );
      if (state.phase === 'newer-elsewhere')
        announceUpdate(
          'Another tab has taken a new version of Drydock.',
          'This tab goes on with the one before. To reload it saves its machine first, and goes on with that.',
        );
      return undefined;
    });
  });
}

function announceFetch({ files, ofFiles }: Extract<Keeping, { phase: 'fetching' }>): void {
  toast.loading('Keeping Drydock for use without a network', {
    id: FETCH_TOAST,
    description: `${files} of ${ofFiles} files`,
    duration: Infinity,
  });
}

function announceUpdate(title: string, description: string): void {
  toast(title, {
    id: UPDATE_TOAST,
    description,
    duration: Infinity,
    action: {
      label: 'Reload now',
      onClick: () => {
        void appKeeping.takeNewer();
      },
    },
  });
}
