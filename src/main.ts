import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import { mount } from 'svelte';
import InFrame from './app/InFrame.svelte';
import App from './App.svelte';
import { session } from './machine/session.svelte.ts';
import { keeping } from './sessions/keeping.svelte.ts';
import { appKeeping } from './service-worker/app-keeping.svelte.ts';
import { announceKeeping } from './service-worker/announcements.svelte.ts';
import './tokens.css';
import './base.css';
import './ui/floating.css';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
if (window.top === window) {
  mount(App, { target });
  appKeeping.begin();
  announceKeeping();
  // For the browser's console and the tests: `await drydock.session.exec('docker ps')`.
  Object.assign(globalThis, { drydock: { session, keeping } });
} else mount(InFrame, { target });
