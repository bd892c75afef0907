import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseSpelling } from './negotiation.ts';

const json = 'application/vnd.pypi.simple.v1+json';
const v1html = 'application/vnd.pypi.simple.v1+html';
const html = 'text/html; charset=utf-8';

describe('the spelling of a list (PEP 691)', () => {
  it.each([
    [undefined, html], ['', html], ['*/*', html], ['text/*', html], ['text/html', html], ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', html],
    // pip
    [`${json}, ${v1html}; q=0.1, text/html; q=0.01`, json],
    [`${json};q=0.2, ${v1html};q=0.5, text/html;q=0.4`, v1html],
    [`${json};q=0.2, ${v1html};q=0, text/html;q=0.4`, html],
    ['application/vnd.pypi.simple.latest+json', json], [`text/html, ${json}`, json], [`*/*, ${json}`, json], [`*/*;q=0.9, ${json};q=0.1`, html],
    [`*/*, ${json};q=0`, html], [`${json};q=nonsense, text/html;q=0.1`, html],
    ['image/png', null], ['application/json', null], ['application/vnd.pypi.simple.v2+json', null], ['*/*;q=0', null],
  ])('%s → %s', (accept, expected) => {
    expect(chooseSpelling(accept)?.mimeType ?? null).toBe(expected);
  });

  it('is the one that the parameter names, whatever the header says', () => {
    expect(chooseSpelling('text/html', json)?.spelling).toBe('json');
    expect(chooseSpelling(json, 'text/html')?.spelling).toBe('html');
    expect(chooseSpelling(json, 'json')).toBeNull();
  });

  it('is found or not, whatever is sent', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      chooseSpelling(text);
      chooseSpelling(`${json};q=0.5,${text}`);
    }));
  });
});
