/** The only door to SSH: connections to hosts, their keys, and what ssh_config says about them. */
export type { AuthenticationAttempt, AuthenticationPrompt, Credential, Credentials } from './credential.ts';
export type { Privilege } from './privilege.ts';
export { Secret } from './secret.ts';
export type { CommandOutput, CommandResult, RunOptions, ShellCommand, SshSession } from './session.ts';
export { describeTarget, type HostTarget } from './target.ts';
export type { UploadOptions, UploadProgress, UploadResult, UploadSource } from './upload.ts';
export { openSession, type HopTrace, type OpenOptions } from './open-session.ts';
export { KnownHosts, type HostKeyVerdict } from './known-hosts/known-hosts.ts';
export type { HostKey } from './host-key.ts';
export { aliasesOf, readConfig, resolveHost, type ConfigFile, type LocalSide, type ReadConfig, type ResolvedHost, type ResolvedLogin } from './config/index.ts';
export { publicKeyOf, publicKeysIn, type PublicKey } from './public-key.ts';
