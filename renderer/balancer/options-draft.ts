import type { ArgsOf, BalancerOptions } from '../../electron/contract/index.ts';

/** A balancer's options as a form holds them: everything as it was typed. */
export interface OptionsDraft { port: string; names: string; tls: boolean; certificate: string; key: string; sticky: boolean; docker: boolean; answerSeconds: string; readSeconds: string; layout: BalancerOptions['layout'] }

export function optionsDraft(options: BalancerOptions | null): OptionsDraft {
  return {
    port: String(options?.listen.port ?? 8080), names: options?.serverNames.join(', ') ?? '', tls: (options?.tls ?? null) !== null, certificate: options?.tls?.certificate ?? '', key: options?.tls?.key ?? '',
    sticky: options?.sticky ?? true, docker: options?.dockerPaths ?? true, answerSeconds: String(options?.timeouts.answerSeconds ?? 30), readSeconds: String(options?.timeouts.readSeconds ?? 900), layout: options?.layout ?? 'debian',
  };
}

const within = (typed: string, min: number, max: number): boolean => /^\d{1,6}$/.test(typed.trim()) && Number(typed) >= min && Number(typed) <= max;
const path = /^(\/[A-Za-z0-9_@%+=-][A-Za-z0-9_.@%+=-]*)+$/;
const dnsName = /^(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const namesOf = (typed: string): string[] => typed.split(/[\s,]+/).filter((name) => name !== '');

export type OptionsProblems = Partial<Record<keyof OptionsDraft, string>>;

/** What is wrong, beside its field. */
export function optionsProblems(draft: OptionsDraft): OptionsProblems {
  const found: OptionsProblems = {};
  if (!within(draft.port, 1, 65_535)) found.port = 'A port from 1 to 65535';
  const wrong = namesOf(draft.names).find((name) => !dnsName.test(name));
  if (wrong !== undefined) found.names = `“${wrong}” is no DNS name`;
  if (draft.tls && !path.test(draft.certificate.trim())) found.certificate = 'The absolute path of the certificate on the balancer’s host';
  if (draft.tls && !path.test(draft.key.trim())) found.key = 'The absolute path of its key on the balancer’s host';
  if (!within(draft.answerSeconds, 1, 3600)) found.answerSeconds = 'From 1 to 3600 s';
  if (!within(draft.readSeconds, 1, 86_400)) found.readSeconds = 'From 1 to 86400 s';
  return found;
}

/** The options that the draft stands for; what the form does not show stays as it was. */
export function optionsOf(draft: OptionsDraft, present: BalancerOptions | null): NonNullable<ArgsOf<'balancers.assign'>['options']> {
  return {
    ...present, listen: { ...present?.listen, port: Number(draft.port) }, serverNames: namesOf(draft.names), tls: draft.tls ? { certificate: draft.certificate.trim(), key: draft.key.trim() } : null,
    sticky: draft.sticky, dockerPaths: draft.docker, layout: draft.layout, timeouts: { ...present?.timeouts, answerSeconds: Number(draft.answerSeconds), readSeconds: Number(draft.readSeconds) },
  };
}
