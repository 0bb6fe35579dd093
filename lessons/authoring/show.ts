/** `npm run lessons -- dev`: the app with hot replacement, on lessons that are being written. */
import { createServer } from 'vite';
import { buildImage } from '../../images/build.ts';

/**
 * Serves the app with the lessons of `folder`, and prints the address: that of lesson `id`, if there is one. A lesson
 * that is saved is shown at once, on the machine that runs already.
 */
export async function showLessons(folder: string, id?: string): Promise<void> {
  process.env.DRYDOCK_LESSONS = folder;
  process.env.DRYDOCK_RELEASE = await buildImage();
  const server = await createServer();
  await server.listen();
  const [address = ''] = server.resolvedUrls?.local ?? [];
  console.log(`${address}${id === undefined ? '' : `#/lesson/${id}`}\nCtrl+C ends it.`);
}
