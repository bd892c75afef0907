import type { Mutation } from './mutation.ts';
import type { FuzzRequest } from './request.ts';

/** Where requests of one kind are drawn from. */
export type Target = (mutation: Mutation) => FuzzRequest;

export const root = '/artifactory';
/** Repositories that `prepare` makes, each of the kind of its name. */
export const local = { generic: 'generic-local', maven: 'fz-maven', npm: 'fz-npm', pypi: 'fz-pypi', helm: 'fz-helm', docker: 'fz-docker' } as const;
export const remote = { maven: 'fz-maven-remote', npm: 'fz-npm-remote', pypi: 'fz-pypi-remote', helm: 'fz-helm-remote', docker: 'fz-docker-remote', generic: 'fz-generic-remote' } as const;
export const virtual = { maven: 'fz-maven-virtual', npm: 'fz-npm-virtual', pypi: 'fz-pypi-virtual', helm: 'fz-helm-virtual' } as const;

const none = Buffer.alloc(0);

/** A request with what is given; everything else is as a plain client has it. */
export function ask(method: string, target: string, more: Partial<FuzzRequest> = {}): FuzzRequest {
  return { method, target, headers: [], body: none, ...more };
}

export const text = (value: string): Buffer => Buffer.from(value);
export const json: readonly (readonly [string, string])[] = [['Content-Type', 'application/json']];

/** Percent-encodes a part of an address, most of the time. */
export function part(mutation: Mutation, value: string): string {
  return mutation.chance(0.7) ? encodeURIComponent(value.replace(/[\ud800-\udfff]/g, '')) : value;
}
