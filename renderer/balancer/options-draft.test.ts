import { expect, it } from 'vitest';
import { optionsDraft, optionsOf, optionsProblems } from './options-draft.ts';
import { fakeOptions } from '../testing/fakes/balancer-records.ts';

it('keeps what the form does not show', () => {
  const changed = optionsOf({ ...optionsDraft(fakeOptions), port: '443', names: 'art.lan  repo.lan' }, fakeOptions);
  expect(changed).toEqual({ ...fakeOptions, listen: { address: '*', port: 443 }, serverNames: ['art.lan', 'repo.lan'] });
});

it('says what is wrong beside its field', () => {
  const good = optionsDraft(null);
  expect(optionsProblems(good)).toEqual({});
  expect(Object.keys(optionsProblems({ ...good, port: '0', names: 'art lan_', tls: true, certificate: 'cert.pem', key: '', answerSeconds: 'x' })).sort()).toEqual(['answerSeconds', 'certificate', 'key', 'names', 'port']);
  expect(optionsProblems({ ...good, names: '*.lan', tls: true, certificate: '/etc/ssl/art.pem', key: '/etc/ssl/art.key' })).toEqual({});
});
