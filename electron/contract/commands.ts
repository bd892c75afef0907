/**
 * What a person can do with the app itself, in one list: the desktop's menu, the palette and the shortcuts are made
 * of it. A command with a `route` opens that screen; one without is carried out by whoever shows it.
 *
 * Shortcuts are written `Mod+K`: Mod is Command on macOS and Control elsewhere.
 */
export interface AppCommand {
  readonly id: string;
  readonly title: string;
  readonly group: 'go' | 'view' | 'app';
  readonly shortcut?: string;
  /** path of the screen, for the page's router */
  readonly route?: string;
}

export const appCommands = [
  { id: 'go.topology', title: 'Topology', group: 'go', shortcut: 'Mod+1', route: '/topology' },
  { id: 'go.database', title: 'Database', group: 'go', shortcut: 'Mod+2', route: '/database' },
  { id: 'go.failover', title: 'Failover', group: 'go', shortcut: 'Mod+3', route: '/failover' },
  { id: 'go.activity', title: 'Activity', group: 'go', shortcut: 'Mod+4', route: '/activity' },
  { id: 'view.palette', title: 'Command palette', group: 'view', shortcut: 'Mod+K' },
] as const satisfies readonly AppCommand[];

export type AppCommandId = (typeof appCommands)[number]['id'];
