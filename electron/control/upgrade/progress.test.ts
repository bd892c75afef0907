import { expect, it } from 'vitest';
import { parseProgress } from './progress.ts';

const error = '{"error":{"code":"NOT_SERVING","message":"The node does not serve","hint":"Its log says why."}}';

it('tells the step under way; a line that is not whole yet does not count', () => {
  expect(parseProgress('@ 1 drain begin\n{"nodeId":"n1"}\n@ 3 stop begin\n@ 4 swi')).toMatchObject({ step: 'stop', end: null, failedStep: null, lines: ['{"nodeId":"n1"}'] });
  expect(parseProgress('')).toMatchObject({ step: null, end: null, lines: [] });
});

it('names the step that failed first, not the one in which it was put back', () => {
  const text = `@ 1 drain begin\n@ 2 stop begin\n@ 2 switch begin\n@ 2 start begin\n@ 3 prove begin\n${error}\nlast words\n@ 9 back-stop begin\n@ 9 back-prove begin\n{"error":{"code":"X","message":"y","hint":"z"}}\n@ 9 end failed\n`;
  expect(parseProgress(text)).toMatchObject({ step: 'back-prove', end: 'failed', failedStep: 'prove', said: { code: 'NOT_SERVING' } });
  expect(parseProgress(`@ 1 drain begin\n${error}\n@ 2 end unchanged\n`)).toMatchObject({ end: 'unchanged', failedStep: 'drain', said: { code: 'NOT_SERVING' } });
  expect(parseProgress('@ 1 undrain begin\n@ 2 end done\n')).toMatchObject({ end: 'done', failedStep: null });
});

it('takes an end that it does not know for a failure', () => {
  expect(parseProgress('@ 1 drain begin\n@ 2 end rebooted\n').end).toBe('failed');
});
