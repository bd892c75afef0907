import type { HostOptions } from './host.ts';

/** The sshd_config of a host: a plain Debian's, with what is different about this one. */
export function sshdConfig({ sftp = true, forwarding = true, keyboardInteractive = false, authenticationMethods, maxSessions }: HostOptions, port: number): string {
  return [
    `Port ${port}`, 'HostKey /etc/ssh/ssh_host_ed25519_key', 'UsePAM yes', 'UseDNS no', `PasswordAuthentication ${keyboardInteractive ? 'no' : 'yes'}`,
    `KbdInteractiveAuthentication ${keyboardInteractive ? 'yes' : 'no'}`, 'PermitRootLogin prohibit-password', 'AcceptEnv LANG LC_*', 'PrintMotd no',
    // this machine connects often, and from one address
    'MaxStartups 100', `AllowTcpForwarding ${forwarding ? 'yes' : 'no'}`,
    ...(authenticationMethods === undefined ? [] : [`AuthenticationMethods ${authenticationMethods}`]),
    ...(maxSessions === undefined ? [] : [`MaxSessions ${maxSessions}`]),
    ...(sftp ? ['Subsystem sftp /usr/lib/openssh/sftp-server'] : []), '',
  ].join('\n');
}
