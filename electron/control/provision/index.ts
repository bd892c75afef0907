export { lastLog } from './commands/service.ts';
export { Payloads, type PayloadFiles } from './payloads.ts';
export { checkContext } from './preflight-step.ts';
export type { RemoteHost } from './remote-host.ts';
export { Runs } from './runs.ts';
export { SshHost } from './ssh-host.ts';
export { targetFor } from './targets.ts';
