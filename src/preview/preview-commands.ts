import type { Command } from '../app/commands.svelte.ts';
import { ports } from './ports.svelte.ts';
import { previews } from './previews.svelte.ts';

/** What can be done with the pages of the machines. */
export function previewCommands(): Command[] {
  const { shown } = previews;
  return [
    ...ports.all.map((port): Command => {
      const { node, owners } = port;
      const whose = owners.length > 0 ? ` (${owners.join(', ')})` : '';
      return {
        id: `port-${node}-${port.port}`,
        group: 'View',
        title: `Open port ${port.port} of ${node}${whose}`,
        run: () => {
          previews.openPort(port);
        },
      };
    }),
    ...(shown
      ? ([
          {
            id: 'page-reload',
            group: 'View',
            title: 'Load the page again',
            run: () => {
              shown.reload();
            },
          },
          {
            id: 'page-close',
            group: 'View',
            title: 'Close the page',
            run: () => {
              previews.close(shown);
            },
          },
        ] satisfies Command[])
      : []),
  ];
}
