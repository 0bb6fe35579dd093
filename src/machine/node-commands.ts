/** What can be done with one machine, in its present state: for its menu, and for the palette of the one in use. */
import { saveFile } from '../ui/save-file.ts';
import type { Command } from '../app/commands.svelte.ts';
import { dialogs } from '../app/dialogs.svelte.ts';
import { SOUND_CABLE } from '../../worker/net/cable.ts';
import { describe, report, startMachine } from './operations.ts';
import type { Phase } from './node-state.ts';
import type { MachineNode } from './node.svelte.ts';
import { session } from './session.svelte.ts';

export function nodeCommands(node: MachineNode): Command[] {
  const { name, phase } = node;
  const it = session.nodes.length > 1 ? name : 'the machine';
  const only = (...phases: Phase[]) =>
    phases.includes(phase) ? undefined : `${it.charAt(0).toUpperCase()}${it.slice(1)} is ${describe(phase)}`;
  const group = 'Machine';
  return [
    {
      id: 'machine-start',
      group,
      title: phase === 'off' ? `Power on ${it}` : `Start ${it}`,
      unavailable: only('idle', 'failed', 'off'),
      run: () => {
        startMachine(node);
      },
    },
    {
      id: 'machine-pause',
      group,
      title: phase === 'paused' ? `Resume ${it}` : `Pause ${it}`,
      keys: 'Ctrl+Shift+.',
      unavailable: only('running', 'paused'),
      run: () => {
        report(phase === 'paused' ? node.resume() : node.pause());
      },
    },
    {
      id: 'machine-shut-down',
      group,
      title: `Shut down ${it}`,
      unavailable: only('running'),
      run: () => {
        report(node.shutDown());
      },
    },
    {
      id: 'machine-cut-power',
      group,
      title: `Pull the plug of ${it}`,
      unavailable: only('running', 'paused', 'waiting-for-disk'),
      run: () => {
        report(node.cutPower());
      },
    },
    {
      id: 'machine-cable',
      group,
      title:
        node.cable.end === 'plugged'
          ? `Unplug the network cable of ${it}`
          : `Plug in the network cable of ${it}`,
      run: () => {
        report(node.setCable({ ...node.cable, end: node.cable.end === 'plugged' ? 'unplugged' : 'plugged' }));
      },
    },
    {
      id: 'machine-slow-cable',
      group,
      title: isSlow(node) ? `Make the network of ${it} fast again` : `Slow the network of ${it} down`,
      run: () => {
        const { end } = node.cable;
        report(node.setCable(isSlow(node) ? { ...SOUND_CABLE, end } : { ...SLOW_CABLE, end }));
      },
    },
    {
      id: 'machine-packets',
      group,
      title: node.packets
        ? `Save the captured traffic of ${it} (${node.packets.frames} frames)`
        : `Capture the network traffic of ${it}`,
      unavailable: node.packets ? undefined : only('running', 'paused'),
      run: () => {
        report(node.packets ? savePackets(node) : node.startPacketCapture());
      },
    },
    {
      id: 'machine-reset',
      group,
      title: `Reset ${it}…`,
      keys: 'Ctrl+Shift+Backspace',
      unavailable: only('running', 'paused', 'waiting-for-disk', 'off'),
      run: () => {
        session.setCurrent(name);
        dialogs.open = 'reset';
      },
    },
    {
      id: 'machine-remove',
      group,
      title: `Remove ${it}…`,
      unavailable: name === 'node1' ? 'The first node stays' : undefined,
      run: () => {
        session.setCurrent(name);
        dialogs.open = 'remove-node';
      },
    },
    {
      id: 'machine-retry-disk',
      group,
      title: 'Try again to read the disk',
      unavailable: only('waiting-for-disk'),
      run: () => {
        report(node.retryDisk());
      },
    },
  ];
}

/** Like a bad radio link: a second there and back, and one frame of twenty is lost. */
const SLOW_CABLE = { delay: 500, loss: 0.05, rate: 1_000_000 };

function isSlow({ cable }: MachineNode): boolean {
  return cable.delay > 0 || cable.loss > 0 || cable.rate > 0;
}

async function savePackets(node: MachineNode): Promise<void> {
  const file = await node.endPacketCapture();
  if (file) saveFile(new Blob([file], { type: 'application/vnd.tcpdump.pcap' }), `${node.name}.pcap`);
}
