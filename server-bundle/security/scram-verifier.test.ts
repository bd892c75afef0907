import { expect, test } from 'vitest';
import { scramVerifier } from './scram-verifier.ts';

test('is what RFC 7677 computes in its example', () => {
  // the example's exchange is made with these keys: user "user", password "pencil"
  const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'));
  expect(verifier).toBe('SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=');
});

test('never the same twice', () => {
  expect(scramVerifier('pencil')).not.toBe(scramVerifier('pencil'));
});
