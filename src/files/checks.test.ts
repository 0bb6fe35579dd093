import { describe, expect, it, vi } from 'vitest';
import { dockerfileDiagnostics, yamlDiagnostics } from './checks.ts';

describe('a Dockerfile', () => {
  it('of a sound form has nothing against it', () => {
    expect(dockerfileDiagnostics('FROM nginx\nCOPY . /usr/share/nginx/html\n')).toEqual([]);
  });

  it('has an unknown instruction marked', () => {
    const text = 'FROM nginx\nRUM echo hi\n';
    const [fault] = dockerfileDiagnostics(text);
    expect(fault).toMatchObject({ severity: 'error' });
    expect(fault?.message).toMatch(/unknown instruction: RUM/i);
    expect(text.slice(fault?.from, fault?.to)).toBe('RUM');
  });

  it('is checked without what only Node has, with a byte order mark too', () => {
    vi.stubGlobal('Buffer', undefined);
    expect(dockerfileDiagnostics('\ufeffFROM nginx\nRUN a\n')).toEqual([]);
    vi.unstubAllGlobals();
  });

  it('is warned of what works but is not meant', () => {
    expect(dockerfileDiagnostics('FROM nginx\nCMD a\nCMD b\n').map(({ severity }) => severity)).toContain(
      'warning',
    );
  });
});

describe('YAML', () => {
  it('of several documents is checked in all of them', () => {
    expect(yamlDiagnostics('a: 1\n---\nb: [1, 2]\n')).toEqual([]);
    const text = 'a: 1\n---\nb: [1, 2\n';
    const faults = yamlDiagnostics(text);
    expect(faults[0]?.severity).toBe('error');
    expect(faults[0]?.from).toBeGreaterThan(text.indexOf('---'));
  });

  it('has indentation by tabs and doubled keys marked', () => {
    expect(yamlDiagnostics('services:\n\tweb: {}\n')).not.toEqual([]);
    expect(yamlDiagnostics('a: 1\na: 2\n')[0]?.message).toMatch(/unique/i);
  });
});
