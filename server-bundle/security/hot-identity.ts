import { cacheKeys } from '../cluster/cache-keys.ts';
import type { PeekKey } from '../cluster/ports.ts';
import type { Account } from '../metadata/access/accounts.ts';
import { anonymousReading, anonymousReadSetting } from './anonymous-read.ts';
import type { AccessModel } from './permissions/access-model.ts';
import { anonymousRights, type Rights } from './permissions/rights.ts';
import { compiledRights, type LiveToken, type Proof } from './proof.ts';

/** What stays true for as long as the cached answers that it is looked up in do. Derived tokens end by themselves: they go the long way. */
export type LastingProof = Exclude<Proof, { kind: 'derived' }>;

export interface HotIdentity {
  readonly name: string;
  readonly rights: Rights;
}

/**
 * Who a proof stands for at this moment, by the cache alone: what `principalBy` answers, without waiting. Undefined when the database would have to be asked,
 * and whenever the long way would refuse or look twice: it has the words for it.
 */
export function hotIdentity(peek: PeekKey, proof: LastingProof): HotIdentity | undefined {
  const model = peek<AccessModel>(cacheKeys.accessModel());
  if (model === undefined) return undefined;
  switch (proof.kind) {
    case 'anonymous': return anonymous(peek, model);
    case 'password': {
      const account = peek<Account>(cacheKeys.user(proof.user));
      if (account?.password !== proof.encoded || !isOpen(account)) return undefined;
      return { name: account.name, rights: compiledRights(model, account, null) };
    }
    case 'token': {
      const token = peek<LiveToken>(cacheKeys.token(proof.hash));
      if (token === undefined || (token.expiresAt !== null && token.expiresAt <= Date.now())) return undefined;
      const account = peek<Account>(cacheKeys.user(token.user));
      return account === undefined || account.disabled ? undefined : { name: token.actsAs, rights: compiledRights(model, account, token.scope) };
    }
  }
}

function isOpen({ disabled, lockedUntil }: Account): boolean {
  return !disabled && (lockedUntil === null || lockedUntil <= Date.now());
}

function anonymous(peek: PeekKey, model: AccessModel): HotIdentity | undefined {
  const stored = peek<unknown>(cacheKeys.setting(anonymousReadSetting));
  const reading = anonymousReading(stored);
  return reading === 'off' ? undefined : { name: 'anonymous', rights: rightsOfAnonymous(model, reading === 'everything') };
}

const ofModel = new WeakMap<AccessModel, { readonly everything: boolean; readonly rights: Rights }>();

/** One object for as long as nothing changes: what is decided goes with it. */
function rightsOfAnonymous(model: AccessModel, everything: boolean): Rights {
  const known = ofModel.get(model);
  if (known?.everything === everything) return known.rights;
  const rights = anonymousRights(model, everything);
  ofModel.set(model, { everything, rights });
  return rights;
}
