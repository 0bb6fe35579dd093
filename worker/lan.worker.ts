/** Entry of the web worker with the switch. */
import { expose } from 'comlink';
import { lanHost } from './lan-host.ts';
import { installErrorTransfer } from './transfer.ts';

installErrorTransfer();
expose(lanHost);
