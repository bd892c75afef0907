import { expect, it } from 'vitest';
import type { AlertPicture } from '../../contract/index.ts';
import { AlertNews } from './alert-news.ts';

type Alert = AlertPicture['alerts'][number];

const alert = (id: string, change: Partial<Alert> = {}): Alert => ({
  id, rule: 'node-down', title: 'Node down', severity: 'bad', subject: 'n1', nodeId: 'n1', hostId: null, message: 'n1: the node was lost', value: 'silent', threshold: '5 s',
  since: '2026-01-01T00:00:00.000Z', raisedAt: '2026-01-01T00:00:10.000Z', clearedAt: null, acknowledged: null, mutedUntil: null, clusterId: 'c', clusterName: 'prod', source: 'cluster', ...change,
});
const picture = (alerts: Alert[], freshness: AlertPicture['clusters'][number]['freshness'] = 'live'): AlertPicture => ({
  alerts, counts: { bad: 0, warning: 0, acknowledged: 0, muted: 0 }, clusters: [{ clusterId: 'c', name: 'prod', freshness, evaluatedAt: null, problem: null }],
});

it('tells an alert once', () => {
  const news = new AlertNews();
  expect(news.next(picture([]))).toEqual([]);
  expect(news.next(picture([alert('a')]))).toEqual([{ title: 'prod: Node down', body: 'n1: the node was lost', urgent: true }]);
  expect(news.next(picture([alert('a', { value: 'silent for longer' })]))).toEqual([]);
  expect(news.next(picture([]))).toEqual([]);
  expect(news.next(picture([alert('b', { severity: 'warning' })]))).toMatchObject([{ urgent: false }]);
});

it('tells nothing of what is muted or taken over, and tells it when the mute has ended', () => {
  const news = new AlertNews();
  news.next(picture([]));
  expect(news.next(picture([alert('a', { mutedUntil: '2026-01-02T00:00:00.000Z' }), alert('b', { acknowledged: { by: 'x', at: '', note: '' } })]))).toEqual([]);
  expect(news.next(picture([alert('a'), alert('b', { acknowledged: { by: 'x', at: '', note: '' } })]))).toHaveLength(1);
});

it('tells what was open at the start, and a whole cluster that fails, in one sentence', () => {
  const news = new AlertNews();
  expect(news.next(picture([], 'unknown'))).toEqual([]);
  expect(news.next(picture([alert('a'), alert('b', { title: 'Clock skew' })]))).toEqual([{ title: 'prod: 2 open alerts', body: 'Node down, Clock skew', urgent: true }]);
  expect(news.next(picture(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => alert(id))))).toEqual([{ title: 'prod: 4 open alerts', body: 'Node down', urgent: true }]);
});
