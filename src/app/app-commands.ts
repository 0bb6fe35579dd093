import { setMode, userPrefersMode } from 'mode-watcher';
import lessons from 'virtual:lessons';
import type { Command } from './commands.svelte.ts';
import { dialogs } from './dialogs.svelte.ts';
import { currentLocation } from './location.svelte.ts';
import { cycleRegions } from './regions.ts';

const NEXT_MODE = { system: 'light', light: 'dark', dark: 'system' } as const;

/** What can be done on every page. */
export function appCommands(): Command[] {
  return [
    {
      id: 'palette',
      group: 'View',
      title: 'Show all commands',
      keys: 'Ctrl+Shift+K',
      pageKeys: 'Mod+K',
      run: () => (dialogs.open = 'palette'),
    },
    {
      id: 'shortcuts',
      group: 'View',
      title: 'Show keyboard shortcuts',
      keys: 'Ctrl+Shift+H',
      pageKeys: '?',
      run: () => (dialogs.open = 'shortcuts'),
    },
    {
      id: 'next-region',
      group: 'View',
      title: 'Move the focus to the next part of the page',
      keys: 'Ctrl+Shift+ArrowRight',
      pageKeys: 'F6',
      run: () => {
        cycleRegions(1);
      },
    },
    {
      id: 'previous-region',
      group: 'View',
      title: 'Move the focus to the previous part of the page',
      keys: 'Ctrl+Shift+ArrowLeft',
      pageKeys: 'Shift+F6',
      run: () => {
        cycleRegions(-1);
      },
    },
    {
      id: 'next-theme',
      group: 'View',
      title: 'Theme: the next one',
      keys: 'Ctrl+Shift+L',
      run: () => {
        setMode(NEXT_MODE[userPrefersMode.current]);
      },
    },
    ...(['light', 'dark', 'system'] as const).map((theme): Command => ({
      id: `theme-${theme}`,
      group: 'View',
      title: theme === 'system' ? 'Theme: follow the system' : `Theme: ${theme}`,
      run: () => {
        setMode(theme);
      },
    })),
    {
      id: 'go-start',
      group: 'Go to',
      title: 'Start page',
      run: () => {
        currentLocation.go({ page: 'start' });
      },
    },
    {
      id: 'go-playground',
      group: 'Go to',
      title: 'Playground',
      run: () => {
        currentLocation.go({ page: 'playground' });
      },
    },
    {
      id: 'go-images',
      group: 'Go to',
      title: 'Images of the hub',
      run: () => {
        currentLocation.go({ page: 'images' });
      },
    },
    {
      id: 'go-add-images',
      group: 'Go to',
      title: 'Add an image to the hub',
      run: () => {
        currentLocation.go({ page: 'add-images' });
      },
    },
    {
      id: 'go-offline',
      group: 'Go to',
      title: 'Offline: what works without a network',
      run: () => {
        currentLocation.go({ page: 'offline' });
      },
    },
    ...lessons.map(({ id, title }): Command => ({
      id: `go-lesson-${id}`,
      group: 'Go to',
      title: `Lesson: ${title}`,
      run: () => {
        currentLocation.go({ page: 'lesson', id });
      },
    })),
  ];
}
