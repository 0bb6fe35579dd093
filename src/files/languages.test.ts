import { ensureSyntaxTree } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { expect, it } from 'vitest';
import { languageOf } from './languages.ts';

it('languages are known by names and first lines', () => {
  const titles: [string, string, string | undefined][] = [
    ['/root/Dockerfile', '', 'Dockerfile'],
    ['/root/Dockerfile.dev', '', 'Dockerfile'],
    ['/root/web.dockerfile', '', 'Dockerfile'],
    ['/root/dockerfiles', '', undefined],
    ['/root/compose.yaml', '', 'Compose file'],
    ['/root/docker-compose.override.yml', '', 'Compose file'],
    ['/root/stack.yml', '', 'YAML'],
    ['/etc/docker/daemon.json', '', 'JSON'],
    ['/root/.bashrc', '', 'Shell'],
    ['/root/build.sh', '', 'Shell'],
    ['/docker-entrypoint', '#!/bin/sh -e\n', 'Shell'],
    ['/usr/local/bin/tool', '#!/usr/bin/env python3\n', 'Python'],
    ['/app/server.mjs', '', 'JavaScript'],
    ['/app/main.py', '', 'Python'],
    ['/etc/nginx/conf.d/default.conf', '', 'nginx configuration'],
    ['/etc/nginx/nginx.conf', '', 'nginx configuration'],
    ['/usr/share/nginx/html/index.html', '', 'HTML'],
    ['/site/style.css', '', 'CSS'],
    ['/root/.env', '', 'Settings'],
    ['/root/notes.txt', 'hello', undefined],
    ['/etc/hosts', '127.0.0.1 localhost', undefined],
  ];
  for (const [path, text, title] of titles) expect(languageOf(path, text)?.title, path).toBe(title);
});

it('every language loads', async () => {
  for (const path of [
    '/Dockerfile',
    '/compose.yml',
    '/a.yml',
    '/a.json',
    '/a.sh',
    '/a.js',
    '/a.py',
    '/nginx.conf',
  ])
    expect(await languageOf(path, '')?.load(), path).toBeDefined();
});

it('nginx has no comment that begins in a path', async () => {
  const doc = 'include conf.d/*.conf;\nserver { # one\n}\n';
  const extensions = await languageOf('/etc/nginx/nginx.conf', doc)?.load();
  const state = EditorState.create({ doc, extensions: extensions ?? [] });
  const comments: string[] = [];
  ensureSyntaxTree(state, doc.length)?.iterate({
    enter: ({ name, from, to }) => {
      if (name === 'comment') comments.push(doc.slice(from, to));
    },
  });
  expect(comments).toEqual(['# one']);
});
