/** Languages by file name. Each comes when the first file of it is opened. */
import type { Extension } from '@codemirror/state';
import { StreamLanguage, type StreamParser } from '@codemirror/language';

/** A language: what it is called, and what the editor gets for it. */
export interface Language {
  title: string;
  load: () => Promise<Extension>;
}

const legacy = (parser: StreamParser<unknown>): Extension => StreamLanguage.define(parser);

const DOCKERFILE: Language = {
  title: 'Dockerfile',
  load: async () => {
    const [{ dockerFile }, { checkDockerfile }] = await Promise.all([
      import('@codemirror/legacy-modes/mode/dockerfile'),
      import('./checks.ts'),
    ]);
    return [legacy(dockerFile), checkDockerfile];
  },
};

const YAML: Language = {
  title: 'YAML',
  load: async () => {
    const [{ yaml }, { checkYaml }] = await Promise.all([
      import('@codemirror/lang-yaml'),
      import('./checks.ts'),
    ]);
    return [yaml(), checkYaml];
  },
};

const COMPOSE: Language = { ...YAML, title: 'Compose file' };

const JSON_LANGUAGE: Language = {
  title: 'JSON',
  load: async () => {
    const [{ json }, { checkJson }] = await Promise.all([
      import('@codemirror/lang-json'),
      import('./checks.ts'),
    ]);
    return [json(), checkJson];
  },
};

const SHELL: Language = {
  title: 'Shell',
  load: async () => legacy((await import('@codemirror/legacy-modes/mode/shell')).shell),
};

const JAVASCRIPT: Language = {
  title: 'JavaScript',
  load: async () => (await import('@codemirror/lang-javascript')).javascript({ jsx: true, typescript: true }),
};

const PYTHON: Language = {
  title: 'Python',
  load: async () => (await import('@codemirror/lang-python')).python(),
};

const NGINX: Language = {
  title: 'nginx configuration',
  load: async () => {
    const { nginx } = await import('@codemirror/legacy-modes/mode/nginx');
    return legacy({
      ...nginx,
      // In `conf.d/*.conf` no comment begins, as the mode would have it.
      token: (stream, state) => (stream.match(/^[\w$.-]*\/(?=\*)/) ? null : nginx.token(stream, state)),
    });
  },
};

const HTML: Language = {
  title: 'HTML',
  load: async () => (await import('@codemirror/lang-html')).html(),
};

const CSS: Language = {
  title: 'CSS',
  load: async () => (await import('@codemirror/lang-css')).css(),
};

const SETTINGS: Language = {
  title: 'Settings',
  load: async () => legacy((await import('@codemirror/legacy-modes/mode/properties')).properties),
};

/** The first that a path fits. */
const LANGUAGES: [RegExp, Language][] = [
  [/\/(?:[^/]*\.)?(?:dockerfile|containerfile)(?:\.[^/]*)?$/i, DOCKERFILE],
  [/\/(?:docker-)?compose(?:\.[^/]*)?\.ya?ml$/i, COMPOSE],
  [/\.ya?ml$/i, YAML],
  [/\.(?:json|jsonc|webmanifest)$|\/daemon\.json$/i, JSON_LANGUAGE],
  [/\.(?:sh|bash|profile)$|\/\.(?:bash\w*|profile|envrc)$/i, SHELL],
  [/\.(?:[cm]?[jt]sx?)$/i, JAVASCRIPT],
  [/\.pyw?$/i, PYTHON],
  [/\/nginx\.conf$|\/nginx\/.*\.conf$|\/conf\.d\/[^/]*\.conf$/i, NGINX],
  [/\.(?:x?html?|svg|xml)$/i, HTML],
  [/\.css$/i, CSS],
  [/\.(?:ini|cfg|conf|toml|properties|service|socket|env)$|\/\.env(?:\.[^/]*)?$/i, SETTINGS],
];

/** What a program's first line says that runs it. */
const INTERPRETERS: [RegExp, Language][] = [
  [/^#!.*\b(?:ba|da|a|z|k)?sh\b/, SHELL],
  [/^#!.*\bpython/, PYTHON],
  [/^#!.*\bnode\b/, JAVASCRIPT],
];

/** The language of a file by its path, or by its first line; undefined for plain text. */
export function languageOf(path: string, text: string): Language | undefined {
  const fits = ([pattern]: [RegExp, Language], subject: string): boolean => pattern.test(subject);
  return (LANGUAGES.find((each) => fits(each, path)) ?? INTERPRETERS.find((each) => fits(each, text)))?.[1];
}
