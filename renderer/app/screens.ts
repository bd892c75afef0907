/** The screens there are, in the order of the navigation; `group` is the heading that a run of them stands under. */
export const screens = [
  { name: 'topology', path: '/', title: 'Topology', group: null, shortcut: 'Mod+1', explanation: 'The whole cluster in one picture' },
  { name: 'balancer', path: '/balancer', title: 'Balancer', group: null, shortcut: 'Mod+2', explanation: 'What stands in front of the nodes, and whether it is in step with them' },
  { name: 'database', path: '/database', title: 'Database', group: null, shortcut: 'Mod+3', explanation: 'The connection budget, and who holds what' },
  { name: 'failover', path: '/failover', title: 'Failover', group: null, shortcut: 'Mod+4', explanation: 'Masters and epochs, hand over, drill' },
  { name: 'upgrade', path: '/upgrade', title: 'Upgrade', group: null, shortcut: 'Mod+5', explanation: 'Another version, node by node, while the cluster serves' },
  { name: 'secrets', path: '/secrets', title: 'Secrets', group: null, shortcut: 'Mod+J', explanation: 'New keys and passwords while the cluster serves, and a copy of its key' },
  { name: 'runs', path: '/runs', title: 'Runs', group: 'Work', shortcut: 'Mod+6', explanation: 'What was done on hosts, step by step' },
  { name: 'alerts', path: '/alerts', title: 'Alerts', group: 'Work', shortcut: 'Mod+7', explanation: 'What is wrong now, and who is told' },
  { name: 'activity', path: '/activity', title: 'Activity', group: 'Work', shortcut: 'Mod+8', explanation: 'What happened, and who did it' },
  { name: 'repositories', path: '/repositories', title: 'Repositories', group: 'Content', shortcut: 'Mod+B', explanation: 'What is where, how much of it, and how clients get to it' },
  { name: 'access', path: '/access/:view?', title: 'Access', group: 'Content', shortcut: 'Mod+I', explanation: 'Users, groups, permissions, tokens, the audit log, and why somebody may do something' },
  { name: 'hosts', path: '/hosts', title: 'Hosts', group: 'Here', shortcut: 'Mod+9', explanation: 'The machines that this app may reach' },
  { name: 'demo', path: '/demo', title: 'Demo cluster', group: 'Here', shortcut: 'Mod+0', explanation: 'The offline cluster on this machine' },
  { name: 'settings', path: '/settings', title: 'Settings', group: 'Here', shortcut: 'Mod+,', explanation: 'Theme, versions, where things are kept' },
] as const;

export type ScreenName = (typeof screens)[number]['name'];
