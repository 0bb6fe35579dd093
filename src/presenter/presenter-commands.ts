import type { Command } from '../app/commands.svelte.ts';
import { shownLesson } from '../lesson/shown-lesson.svelte.ts';
import { fullScreen } from './full-screen.svelte.ts';
import { light } from './light.svelte.ts';
import { presenter } from './presenter.svelte.ts';
import { stage } from './stage.svelte.ts';
import { openCompanion } from './windows.ts';

/** What can be done to show the workspace to a class. */
export function presenterCommands(): Command[] {
  return [
    {
      id: 'presenter-toggle',
      group: 'Presenter',
      title: presenter.isOn ? 'Leave the presenter mode' : 'Present to a class',
      keys: 'Ctrl+Shift+Y',
      run: () => {
        presenter.toggle();
      },
    },
    {
      id: 'presenter-notes',
      group: 'Presenter',
      title: 'Open the speaker notes in a window',
      run: () => {
        openCompanion('notes');
      },
    },
    {
      id: 'presenter-screen',
      group: 'Presenter',
      title: 'Open a second screen in a window',
      run: () => {
        openCompanion('screen');
      },
    },
    ...(presenter.isOn ? commandsWhileOn() : []),
  ];
}

/** What a remote's keys and the bar do. The keys of the remote are handled by the presenter itself. */
function commandsWhileOn(): Command[] {
  const { lesson } = shownLesson;
  const index = lesson?.stepIndex ?? 0;
  const last = (lesson?.lesson.steps.length ?? 1) - 1;
  const none = lesson ? undefined : 'There is no lesson here';
  return [
    {
      id: 'presenter-next',
      group: 'Presenter',
      title: 'Next step, with a remote',
      nativeKeys: 'PageDown',
      unavailable: none ?? (index === last ? 'This is the last step' : undefined),
      run: () => {
        stage.step(1);
      },
    },
    {
      id: 'presenter-previous',
      group: 'Presenter',
      title: 'Previous step, with a remote',
      nativeKeys: 'PageUp',
      unavailable: none ?? (index === 0 ? 'This is the first step' : undefined),
      run: () => {
        stage.step(-1);
      },
    },
    {
      id: 'presenter-spotlight',
      group: 'Presenter',
      title: 'Spotlight: the next pane, or none',
      keys: 'Ctrl+Shift+D',
      run: () => {
        light.cycle();
      },
    },
    {
      id: 'presenter-blank',
      group: 'Presenter',
      title: 'Black screen',
      nativeKeys: 'B',
      run: () => {
        presenter.blank();
      },
    },
    {
      id: 'presenter-larger',
      group: 'Presenter',
      title: 'Larger text on the page and in the terminals',
      pageKeys: '+',
      run: () => {
        presenter.zoom(1);
      },
    },
    {
      id: 'presenter-smaller',
      group: 'Presenter',
      title: 'Smaller text on the page and in the terminals',
      pageKeys: '-',
      run: () => {
        presenter.zoom(-1);
      },
    },
    {
      id: 'presenter-full-screen',
      group: 'Presenter',
      title: fullScreen.isOn ? 'Leave the full screen' : 'Use the full screen',
      nativeKeys: 'F5',
      unavailable: fullScreen.isPossible ? undefined : 'This browser does not let pages do that',
      run: () => {
        fullScreen.toggle();
      },
    },
  ];
}
