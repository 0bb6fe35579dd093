import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packTar, unpackTar } from 'modern-tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineAnswer, EngineRequest } from '../../worker/protocol.ts';
import { ContainerFiles } from './container-files.ts';
import { parseContainers, parseDetails } from './containers.ts';
import { LocalNode } from './testing.ts';

const ID = 'ab'.repeat(32);

let node: LocalNode;
let files: ContainerFiles;
let asked: EngineRequest[];
let state: { Running: boolean; Pid: number };
let archive: (request: EngineRequest) => EngineAnswer;

const answer = (body: unknown, status = 200): EngineAnswer => ({
  status,
  headers: {},
  bytes: new TextEncoder().encode(JSON.stringify(body)),
});

beforeEach(() => {
  node = new LocalNode();
  const container = { id: ID, name: 'web' };
  files = new ContainerFiles({ node: 'node1', container }, container, node.guest);
  asked = [];
  // Of a process that is no container's.
  state = { Running: true, Pid: process.pid };
  archive = () => answer({ message: 'Could not find the file' }, 404);
  node.engine = (request) => {
    asked.push(request);
    if (!request.target.endsWith('/json')) return archive(request);
    return answer({
      State: state,
      Config: { WorkingDir: '/app' },
      Mounts: [{ Source: join(node.folder, 'bound'), Destination: '/app/bound' }],
      HostsPath: '/var/lib/docker/containers/x/hosts',
    });
  };
});
afterEach(() => {
  node.end();
});

describe('folders of a container', () => {
  it('are never looked at through a process that is not its own', async () => {
    await expect(files.look(['/'])).rejects.toThrow('The container does not run any more.');
    await expect(files.trash('/srv/file')).rejects.toThrow('The container does not run any more.');
    await expect(files.rename('/srv/a', '/srv/b')).rejects.toThrow('The container does not run any more.');
  });

  it('are not there when it does not run, or is gone', async () => {
    state = { Running: false, Pid: 0 };
    await expect(files.look(['/'])).rejects.toMatchObject({ details: { container: 'stopped' } });
    node.engine = () => answer({ message: 'No such container' }, 404);
    await expect(files.startFolders()).rejects.toMatchObject({ details: { container: 'gone' } });
    expect(node.scripts).toBe(0);
  });

  it('begin with the one that its program began in', async () => {
    expect(await files.startFolders()).toEqual(['/', '/app']);
  });
});

describe('files of a container', () => {
  it('are read out of an archive of the Engine', async () => {
    const tar = await packTar([{ header: { name: 'nginx.conf', size: 5, type: 'file' }, body: 'hello' }]);
    archive = () => ({ status: 200, headers: {}, bytes: tar });
    expect(new TextDecoder().decode(await files.read('/etc/ngi nx/ü&x'))).toBe('hello');
    expect(asked[0]).toEqual({
      method: 'GET',
      target: `/containers/${ID}/archive?path=%2Fetc%2Fngi%20nx%2F%C3%BC%26x`,
    });
  });

  it('are written with the owner and the permissions that they had', async () => {
    archive = () => ({ status: 200, headers: {}, bytes: new Uint8Array() });
    await files.write('/etc/app.conf', new TextEncoder().encode('new'), { mode: 0o4750, uid: 33, gid: 34 });
    const put = asked.at(-1);
    expect(put).toMatchObject({
      method: 'PUT',
      target: `/containers/${ID}/archive?path=%2Fetc&noOverwriteDirNonDir=1`,
    });
    const [entry] = await unpackTar(put?.body as Uint8Array);
    expect(entry?.header).toMatchObject({ name: 'app.conf', mode: 0o4750, uid: 33, gid: 34, size: 3 });
    expect(new TextDecoder().decode(entry?.data)).toBe('new');
  });

  it('that are mounted from the node are written where they are', async () => {
    writeFileSync(join(node.folder, 'bound'), 'before');
    await files.write('/app/bound', new TextEncoder().encode('after'), { mode: 0o644, uid: 0, gid: 0 });
    expect(new TextDecoder().decode(await node.readFile(join(node.folder, 'bound')))).toBe('after');
    expect(asked.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('tell why the Engine refuses', async () => {
    archive = () => answer({ message: 'container rootfs is marked read-only' }, 403);
    await expect(files.write('/a', new Uint8Array(), { mode: 0o644, uid: 0, gid: 0 })).rejects.toThrow(
      'The Engine of node1 says: container rootfs is marked read-only',
    );
  });

  it('that are links are followed by the Engine', async () => {
    const stat = (linkTarget: string): EngineAnswer => ({
      status: 200,
      headers: {
        'x-docker-container-path-stat': Buffer.from(JSON.stringify({ name: 'x', linkTarget })).toString(
          'base64',
        ),
      },
      bytes: new Uint8Array(),
    });
    archive = () => stat('/usr/grün');
    expect(await files.resolve('/bin')).toBe('/usr/grün');
    archive = () => stat('');
    expect(await files.resolve('/bin')).toBe('/bin');
    archive = () => stat('../../etc');
    expect(await files.resolve('/bin')).toBe('/bin');
    archive = () => answer({}, 404);
    await expect(files.resolve('/bin')).rejects.toThrow('The link leads to nothing.');
  });

  it('are uploaded in archives', async () => {
    archive = () => ({ status: 200, headers: {}, bytes: new Uint8Array() });
    mkdirSync(join(node.folder, 'x'));
    await files.upload(
      '/srv',
      [
        { path: 'a/b', file: new Blob(['1']) },
        { path: 'c', file: new Blob(['2']) },
      ],
      {
        onProgress: () => undefined,
        signal: new AbortController().signal,
      },
    );
    const entries = await unpackTar(asked.at(-1)?.body as Uint8Array);
    expect(entries.map(({ header }) => header.name)).toEqual(['a/b', 'c']);
  });
});

describe('what the Engine says of containers', () => {
  it('is a list with those that run first', () => {
    const one = (Id: string, name: string, State: string): unknown => ({
      Id: Id.repeat(64),
      Names: [`/${name}`],
      Image: 'nginx',
      State,
    });
    const list = parseContainers(
      JSON.stringify([one('a', 'x', 'exited'), one('b', 'z', 'running'), one('c', 'y', 'paused')]),
    );
    expect(list.map(({ name, state: each }) => [name, each])).toEqual([
      ['y', 'paused'],
      ['z', 'running'],
      ['x', 'exited'],
    ]);
  });

  it('is refused where an id could be anything else', () => {
    expect(() =>
      parseContainers(JSON.stringify([{ Id: '../x', Names: ['/a'], Image: 'a', State: 'running' }])),
    ).toThrow();
  });

  it('has no process of one that does not run', () => {
    const details = parseDetails(JSON.stringify({ State: { Running: false, Pid: 0 }, Config: {} }));
    expect(details).toMatchObject({ pid: undefined, workingFolder: '' });
  });
});
