/** Opens the windows beside the presenter's. */
import { toast } from 'svelte-sonner';
import { href, type Route } from '../app/router.ts';
import type { Role } from './protocol.ts';
import { stage } from './stage.svelte.ts';

const FEATURES: Record<Role, string> = {
  notes: 'popup,width=900,height=760',
  screen: 'popup,width=1280,height=720',
};

/** Where a companion of the channel is. */
export function companionRoute(role: Role, channel: string): Route {
  return { page: role === 'notes' ? 'presenter-notes' : 'presenter-screen', channel };
}

/** Opens the window of a role, or brings it to the front. */
export function openCompanion(role: Role): void {
  const channel = stage.channelId();
  const address = href(companionRoute(role, channel));
  const opened = window.open(address, `drydock-${role}-${channel}`, FEATURES[role]);
  if (opened) opened.focus();
  else
    toast.error('The browser did not open the window', {
      description: 'Allow this page to open windows (pop-ups), then try again.',
    });
}
