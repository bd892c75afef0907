/** The screens there are, in the order of the navigation. */
export const screens = [
  { name: 'topology', path: '/', title: 'Topology', explanation: 'The whole cluster in one picture' },
  { name: 'database', path: '/database', title: 'Database', explanation: 'The connection budget, and who holds what' },
  { name: 'failover', path: '/failover', title: 'Failover', explanation: 'Masters and epochs, hand over, drill' },
  { name: 'activity', path: '/activity', title: 'Activity', explanation: 'What happened, and who did it' },
  { name: 'demo', path: '/demo', title: 'Demo cluster', explanation: 'The offline cluster on this machine' },
  { name: 'settings', path: '/settings', title: 'Settings', explanation: 'Theme, versions, where things are kept' },
] as const;

export type ScreenName = (typeof screens)[number]['name'];
