import { Notification } from 'electron';
import type { ContractClient } from '../../contract/index.ts';
import { AlertNews, type News } from './alert-news.ts';

/**
 * Tells new alerts as notifications of the operating system, also while no window is open. Where the platform has none, nothing is told
 * here: the app itself shows them in any case.
 * @param onClick when a person wants to see more
 * @returns the function that ends it
 */
export function notifyOfAlerts(client: ContractClient, icon: string, onClick: () => void): () => void {
  if (!Notification.isSupported()) return () => undefined;
  const news = new AlertNews();
  // one that nobody holds is collected, and its click with it
  const shown = new Set<Notification>();
  const show = ({ title, body, urgent }: News): void => {
    const notification = new Notification({ title, body, icon, urgency: urgent ? 'critical' : 'normal', timeoutType: urgent ? 'never' : 'default' });
    const over = (): void => { shown.delete(notification); };
    shown.add(notification);
    notification.on('click', () => { over(); onClick(); }).on('close', over).on('failed', over);
    notification.show();
  };
  return client.subscribe('alerts.watch', {}, { item: (picture) => { for (const each of news.next(picture)) show(each); }, error: () => undefined });
}
