/**
 * What a person can do with the app itself, whatever cluster it shows. The desktop makes its menu of this list; the
 * page carries the commands out, by these ids and these shortcuts.
 *
 * Shortcuts are written `Mod+K`: Mod is Command on macOS and Control elsewhere.
 */
export interface AppCommand {
  readonly id: string;
  readonly title: string;
  readonly group: 'go' | 'view';
  readonly shortcut: string;
}

export const appCommands = [
  { id: 'palette.open', title: 'Search or run a command', group: 'view', shortcut: 'Mod+K' },
  { id: 'go.topology', title: 'Topology', group: 'go', shortcut: 'Mod+1' },
  { id: 'go.balancer', title: 'Balancer', group: 'go', shortcut: 'Mod+2' },
  { id: 'go.database', title: 'Database', group: 'go', shortcut: 'Mod+3' },
  { id: 'go.failover', title: 'Failover', group: 'go', shortcut: 'Mod+4' },
  { id: 'go.upgrade', title: 'Upgrade', group: 'go', shortcut: 'Mod+5' },
  { id: 'go.secrets', title: 'Secrets', group: 'go', shortcut: 'Mod+J' },
  { id: 'go.runs', title: 'Runs', group: 'go', shortcut: 'Mod+6' },
  { id: 'go.alerts', title: 'Alerts', group: 'go', shortcut: 'Mod+7' },
  { id: 'go.activity', title: 'Activity', group: 'go', shortcut: 'Mod+8' },
  { id: 'go.repositories', title: 'Repositories', group: 'go', shortcut: 'Mod+B' },
  { id: 'go.access', title: 'Access', group: 'go', shortcut: 'Mod+I' },
  { id: 'go.hosts', title: 'Hosts', group: 'go', shortcut: 'Mod+9' },
  { id: 'go.demo', title: 'Demo cluster', group: 'go', shortcut: 'Mod+0' },
  { id: 'go.settings', title: 'Settings', group: 'go', shortcut: 'Mod+,' },
] as const satisfies readonly AppCommand[];

export type AppCommandId = (typeof appCommands)[number]['id'];
