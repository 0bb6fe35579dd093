/**
 * Addresses of the app. They stand in the fragment (`#/lesson/first-container`), so that the page works
 * under any path of a static host and a reload never asks the server for what is not a file.
 */

import { parseReference } from '../../worker/hub/names.ts';
import { channelIdSchema } from '../presenter/protocol.ts';

export type Route =
  | { page: 'start' }
  | { page: 'playground' }
  /** A lesson, where it was left or at a step, which counts from 1. */
  | { page: 'lesson'; id: string; step?: number }
  | { page: 'images' }
  /** One image of the hub, named as `docker pull` takes it, with or without a tag. */
  | { page: 'image'; reference: string }
  /** How images are added to the hub. */
  | { page: 'add-images' }
  /** What works without a network. */
  | { page: 'offline' }
  /** The machines that this browser keeps. */
  | { page: 'sessions' }
  /** A session file on the web, which is asked about before it is fetched. */
  | { page: 'session-link'; url: string }
  /** A lesson pack that is looked at before it is added; `url` is where it is to be fetched from. */
  | { page: 'pack'; url?: string }
  /** What a teacher sees beside a presentation, by the channel of the tab that presents. */
  | { page: 'presenter-notes'; channel: string }
  /** What a second screen shows of a presentation. */
  | { page: 'presenter-screen'; channel: string }
  /** An address that leads nowhere, as it was typed. */
  | { page: 'unknown'; address: string };

/** The route that a fragment names, with or without its `#`. */
export function parseRoute(fragment: string): Route {
  const address = fragment.replace(/^#/, '');
  const [page = '', argument, ...rest] = address.replace(/^\//, '').replace(/\/$/, '').split('/');
  if (page === '' && argument === undefined) return { page: 'start' };
  if (page === 'playground' && argument === undefined) return { page: 'playground' };
  if (page === 'lesson' && argument && rest.length <= 1 && /^[a-z0-9-]+$/.test(argument)) {
    const [step] = rest;
    if (step === undefined) return { page: 'lesson', id: argument };
    if (/^[1-9]\d{0,3}$/.test(step)) return { page: 'lesson', id: argument, step: Number(step) };
  }
  if (page === 'images' && argument === undefined) return { page: 'images' };
  if (page === 'images' && argument) {
    const reference = [argument, ...rest].join('/');
    if (parseReference(reference)) return { page: 'image', reference };
  }
  if (page === 'pack' && rest.length === 0) {
    if (argument === undefined) return { page: 'pack' };
    const url = decoded(argument);
    if (url !== undefined) return { page: 'pack', url };
  }
  if (page === 'add-images' && argument === undefined) return { page: 'add-images' };
  if (page === 'offline' && argument === undefined) return { page: 'offline' };
  if (page === 'session-link' && argument && rest.length === 0) {
    const url = decoded(argument);
    if (url !== undefined) return { page: 'session-link', url };
  }
  if (page === 'sessions' && argument === undefined) return { page: 'sessions' };
  if ((page === 'presenter-notes' || page === 'presenter-screen') && rest.length === 0) {
    const channel = channelIdSchema.safeParse(argument);
    if (channel.success) return { page, channel: channel.data };
  }
  return { page: 'unknown', address };
}

/** Whether a route is that of a window beside a presentation: it has no machine, and leads nowhere else. */
export function isCompanion(route: Route): boolean {
  return route.page === 'presenter-notes' || route.page === 'presenter-screen';
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * The fragment that a link of the form `?lesson=ID&step=N` , `?pack=URL` or `?session=URL` asks for, as other pages and chats keep them, which may lose
 * fragments; undefined for another search.
 */
export function linkedFragment(search: string): string | undefined {
  const parameters = new URLSearchParams(search);
  const pack = parameters.get('pack');
  if (pack !== null) return href({ page: 'pack', url: pack });
  const session = parameters.get('session');
  if (session !== null) return href({ page: 'session-link', url: session });
  const lesson = parameters.get('lesson');
  if (lesson === null) return undefined;
  const step = parameters.get('step');
  return `#/lesson/${lesson}${step === null ? '' : `/${step}`}`;
}

/** The fragment of a route, for `href`. */
export function href(route: Route): string {
  switch (route.page) {
    case 'start':
      return '#/';
    case 'playground':
      return '#/playground';
    case 'lesson':
      return `#/lesson/${route.id}${route.step === undefined ? '' : `/${route.step}`}`;
    case 'images':
      return '#/images';
    case 'image':
      return `#/images/${route.reference}`;
    case 'add-images':
      return '#/add-images';
    case 'offline':
      return '#/offline';
    case 'sessions':
      return '#/sessions';
    case 'session-link':
      return `#/session-link/${encodeURIComponent(route.url)}`;
    case 'pack':
      return `#/pack${route.url === undefined ? '' : `/${encodeURIComponent(route.url)}`}`;
    case 'presenter-notes':
    case 'presenter-screen':
      return `#/${route.page}/${route.channel}`;
    case 'unknown':
      return `#${route.address}`;
  }
}

/** The title of the browser's tab on a route. `lessonTitle` is absent until the lesson is known. */
export function documentTitle(route: Route, lessonTitle?: string): string {
  switch (route.page) {
    case 'start':
      return 'Drydock: a real Docker Engine in this tab';
    case 'playground':
      return 'Playground · Drydock';
    case 'lesson':
      return `${lessonTitle ?? 'Lesson'} · Drydock`;
    case 'images':
      return 'Images · Drydock';
    case 'image':
      return `${route.reference} · Images · Drydock`;
    case 'add-images':
      return 'Add images · Drydock';
    case 'session-link':
      return 'A session from the web · Drydock';
    case 'sessions':
      return 'Sessions · Drydock';
    case 'offline':
      return 'Offline · Drydock';
    case 'pack':
      return 'Lesson pack · Drydock';
    case 'presenter-notes':
      return 'Speaker notes · Drydock';
    case 'presenter-screen':
      return 'Second screen · Drydock';
    case 'unknown':
      return 'Page not found · Drydock';
  }
}
