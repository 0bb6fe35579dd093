import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inheritConfig, parseRecipe, readRecipes, type ImageConfig } from './recipe.ts';

const REPOSITORY = `repositories:
  - { name: docker.io/library/box, description: A box, about: Of nothing., origin: own, licences: [MIT] }
`;

describe('a recipe', () => {
  it('is refused with the place of what is wrong', () => {
    const read = (images: string) => () => parseRecipe(`images:\n  box:\n    ${images}\n`, 'box/recipe.yaml');
    expect(read('base: { debian: sid, tree: minbase }')).toThrow(/box\/recipe\.yaml.*images\.box\.base/s);
    expect(read('base: other\n    pakages: [a]')).toThrow(/pakages/);
    expect(read('base: other\n    prettyName: "$(reboot)"')).toThrow(/prettyName/);
    expect(read('base: [')).toThrow(/box\/recipe\.yaml/);
  });
});

describe('the recipes of a folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drydock-recipes-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const read = (families: Record<string, string>) => {
    for (const [family, text] of Object.entries(families)) {
      mkdirSync(join(folder, family));
      writeFileSync(join(folder, family, 'recipe.yaml'), text);
    }
    return readRecipes(folder);
  };
  const BASE = 'base: { debian: trixie, tree: unpacked }';

  it('come in an order in which they can be made, whatever the order of their files', () => {
    const { images } = read({
      a: 'images:\n  a: { base: b, copy: [{ image: c, paths: [/x] }] }',
      b: 'images:\n  b: { base: c }',
      c: `images:\n  c: { ${BASE} }`,
    });
    expect([...images.keys()]).toEqual(['c', 'b', 'a']);
  });

  it('inherit what is left out, unless an image keeps it', () => {
    const { images } = read({
      a: `images:
  a: { ${BASE}, drop: [perl, apt], remove: [/usr/share], applets: /usr/bin }
  b: { base: a, keep: [perl], drop: [tar], remove: [/opt] }`,
    });
    expect(images.get('b')).toMatchObject({
      drop: ['apt', 'tar'],
      remove: ['/usr/share', '/opt'],
      applets: '/usr/bin',
    });
  });

  it.each([
    ['a base that nobody makes', `images:\n  a: { base: b }`, /"a" needs "b"/],
    ['bases in a circle', `images:\n  a: { base: b }\n  b: { base: a }`, /build on each other: a, b, a/],
    [
      'a repository that nobody describes',
      `images:\n  a: { ${BASE}, tags: { x/y: ['1'] } }`,
      /no recipe has repository x\/y/,
    ],
    [
      'one tag of two images',
      `${REPOSITORY}images:
  a: { ${BASE}, tags: { docker.io/library/box: ['1'] } }
  b: { ${BASE}, tags: { docker.io/library/box: ['2', '1'] } }`,
      /another image has docker\.io\/library\/box:1/,
    ],
  ])('are refused with %s', (_, text, message) => {
    expect(() => read({ a: text })).toThrow(message);
  });

  it('are refused where two have an image of one name', () => {
    const one = `images:\n  a: { ${BASE} }`;
    expect(() => read({ x: one, y: one })).toThrow(/another image "a"/);
  });
});

describe('a configuration', () => {
  const config = (changes: Partial<ImageConfig>): ImageConfig => ({
    env: {},
    labels: {},
    ports: [],
    volumes: [],
    ...changes,
  });

  it('inherits as in a Dockerfile', () => {
    const base = config({ cmd: ['bash'], env: { PATH: '/bin', A: '1' }, ports: ['80/tcp'], user: 'web' });
    expect(inheritConfig(config({ env: { A: '2' }, ports: ['81/tcp'] }), base)).toMatchObject({
      cmd: ['bash'],
      env: { PATH: '/bin', A: '2' },
      ports: ['80/tcp', '81/tcp'],
      user: 'web',
    });
  });

  it('loses the command of its base with an entry point of its own', () => {
    const inherited = inheritConfig(config({ entrypoint: ['/start'] }), config({ cmd: ['bash'] }));
    expect(inherited.cmd).toBeUndefined();
    expect(inherited.entrypoint).toEqual(['/start']);
  });
});

describe('the recipes of the hub', () => {
  const { images, repositories } = readRecipes();

  it('say in every image with a file system of its own who made it, of what', () => {
    for (const image of images.values()) {
      if (Object.keys(image.tags).length === 0 || image.remove.includes('/etc') || image.base === 'whoami')
        continue;
      const base = typeof image.base === 'string' ? images.get(image.base) : undefined;
      expect(image.prettyName ?? base?.prettyName, image.name).toMatch(/Drydock/);
    }
  });

  it('describe every repository, and have an image and a licence for each', () => {
    for (const { name, about, description, licences } of repositories) {
      expect(about.length, name).toBeGreaterThan(80);
      expect(description, name).toMatch(/^[^\n]{10,100}$/);
      expect(licences, name).not.toEqual([]);
      expect(
        [...images.values()].some(({ tags }) => name in tags),
        name,
      ).toBe(true);
    }
  });

  it('each have a proof that ends', () => {
    const proofs = [...images.values()].flatMap(({ proves }) => (proves === undefined ? [] : [proves]));
    expect(proofs.length).toBeGreaterThan(25);
    for (const proof of proofs) expect(proof).not.toMatch(/while true|until /);
  });
});
