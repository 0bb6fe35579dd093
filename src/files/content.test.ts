import { describe, expect, it } from 'vitest';
import { contentOf, lineEndOf, MAX_EDITED_BYTES } from './content.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('what is in a file', () => {
  it('is text where it is UTF-8, with its byte order mark', () => {
    expect(contentOf('a.txt', bytes('grüße\r\n'))).toEqual({ kind: 'text', text: 'grüße\r\n' });
    expect(contentOf('a', Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toEqual({ kind: 'text', text: '\ufeffa' });
    expect(contentOf('empty', new Uint8Array())).toEqual({ kind: 'text', text: '' });
  });

  it('is refused where it could not be saved as it was', () => {
    expect(contentOf('ls', Uint8Array.of(0x7f, 0x45, 0))).toEqual({ kind: 'refused', why: 'binary' });
    expect(contentOf('latin1', Uint8Array.of(0x67, 0x72, 0xfc, 0xdf))).toEqual({
      kind: 'refused',
      why: 'encoding',
    });
    expect(contentOf('log', new Uint8Array(MAX_EDITED_BYTES + 1).fill(0x61))).toEqual({
      kind: 'refused',
      why: 'large',
    });
  });

  it('is an image by its name', () => {
    expect(contentOf('logo.PNG', Uint8Array.of(0x89, 0))).toEqual({ kind: 'image', type: 'image/png' });
    expect(contentOf('a.svg', bytes('<svg/>'))).toEqual({ kind: 'image', type: 'image/svg+xml' });
  });
});

it('lines end in one way, or CR is a character', () => {
  expect(lineEndOf('a\r\nb\r\n')).toBe('\r\n');
  expect(lineEndOf('a\r\nb\n')).toBe('\n');
  expect(lineEndOf('a\nb')).toBe('\n');
  expect(lineEndOf('a')).toBe('\n');
});
