export { aliasesOf } from './aliases.ts';
export { readConfig, type ConfigFile, type ReadConfig } from './read-config.ts';
export { resolveHost, type LocalSide, type NotHonoured, type ResolvedHost, type ResolvedLogin } from './resolve-host.ts';
