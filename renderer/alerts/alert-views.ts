/** The parts of the alerts screen, in the order of its tabs. */
export const alertViews = [
  { view: 'open', title: 'Open' }, { view: 'history', title: 'History' }, { view: 'rules', title: 'Rules' }, { view: 'mutes', title: 'Mutes' }, { view: 'webhooks', title: 'Webhooks' },
] as const;

export type AlertView = (typeof alertViews)[number]['view'];

/** The part that an address asks for; the open alerts when it asks for none that there is. */
export function alertViewOf(asked: unknown): AlertView {
  return alertViews.find(({ view }) => view === asked)?.view ?? 'open';
}
