import type { RunSummary } from '../../electron/contract/index.ts';
import { formatBytes } from '../format/numbers.ts';
import { formatDuration } from '../format/times.ts';

interface UploadWords {
  readonly title: string;
  readonly percent: number;
  readonly figures: string;
  readonly short: string;
}

const names: Readonly<Record<string, string>> = { node: 'the runtime', 'bulkhead-node.cjs': 'the node' };

/** "45 %, 18 of 40 MB, 12 MB per s, 1.8 s left"; never 100 % before it is there. */
export function uploadWords({ file, sentBytes, totalBytes, bytesPerSecond }: NonNullable<RunSummary['upload']>): UploadWords {
  const percent = totalBytes === 0 ? 0 : Math.min(100, Math.floor((100 * sentBytes) / totalBytes));
  const amount = `${formatBytes(sentBytes)} of ${formatBytes(totalBytes)}`;
  const moving = bytesPerSecond !== null && bytesPerSecond > 0;
  const left = moving && sentBytes < totalBytes ? `, ${formatDuration((1000 * (totalBytes - sentBytes)) / bytesPerSecond)} left` : '';
  const rate = bytesPerSecond === null ? '' : moving ? `, ${formatBytes(bytesPerSecond)} per s` : ', nothing moves';
  return { title: `Sending ${names[file] ?? file}, compressed`, percent, figures: `${percent} %, ${amount}${rate}${left}`, short: `${percent} % of ${formatBytes(totalBytes)}${rate}` };
}
