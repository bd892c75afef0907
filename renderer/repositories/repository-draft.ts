import type { RepositoryClass, RepositorySettings } from '../../electron/contract/index.ts';

/** A repository's form. Numbers are text until they are sent, because a person may type anything. */
export interface RepositoryDraft {
  key: string;
  rclass: RepositoryClass;
  packageType: string;
  description: string;
  includesPattern: string;
  excludesPattern: string;
  // local, Maven
  handleReleases: boolean;
  handleSnapshots: boolean;
  // remote
  url: string;
  username: string;
  /** empty: as it is */
  password: string;
  /** there is one already */
  passwordSet: boolean;
  offline: boolean;
  storeArtifactsLocally: boolean;
  allowPrivateAddresses: boolean;
  hardFail: boolean;
  proxy: string;
  proxyUsername: string;
  /** empty: as it is */
  proxyPassword: string;
  proxyPasswordSet: boolean;
  caCertificates: string;
  retrievalCachePeriodSecs: string;
  missedRetrievalCachePeriodSecs: string;
  assumedOfflinePeriodSecs: string;
  socketTimeoutMillis: string;
  maxConnections: string;
  // virtual
  repositories: string[];
  defaultDeploymentRepo: string;
}

export type DraftField = keyof RepositoryDraft;
export type DraftProblems = Partial<Record<DraftField, string>>;

const numbers = [
  { field: 'retrievalCachePeriodSecs', standard: 7200, least: 0, most: 365 * 86_400 },
  { field: 'missedRetrievalCachePeriodSecs', standard: 1800, least: 0, most: 365 * 86_400 },
  { field: 'assumedOfflinePeriodSecs', standard: 300, least: 0, most: 365 * 86_400 },
  { field: 'socketTimeoutMillis', standard: 15_000, least: 100, most: 3_600_000 },
  { field: 'maxConnections', standard: 32, least: 1, most: 1000 },
] as const;
const reserved = new Set(['api', 'v2', 'ui', 'list', 'webapp', 'access']);

export function emptyDraft(): RepositoryDraft {
  return draftOf({});
}

/** The form of a repository that is there, from Artifactory's JSON. */
export function draftOf(settings: RepositorySettings): RepositoryDraft {
  const text = (name: string, otherwise = ''): string => (typeof settings[name] === 'string' ? settings[name] : otherwise);
  const flag = (name: string, otherwise: boolean): boolean => (typeof settings[name] === 'boolean' ? settings[name] : otherwise);
  const number = (name: string, otherwise: number): string => String(typeof settings[name] === 'number' ? settings[name] : otherwise);
  const rclass = text('rclass', 'local');
  const members = settings['repositories'];
  const [retrieval, missed, assumed, socket, connections] = numbers.map(({ field, standard }) => number(field, standard));
  return {
    key: text('key'), rclass: rclass === 'remote' || rclass === 'virtual' ? rclass : 'local', packageType: text('packageType', 'generic').toLowerCase(),
    description: text('description'), includesPattern: text('includesPattern', '**/*'), excludesPattern: text('excludesPattern'),
    handleReleases: flag('handleReleases', true), handleSnapshots: flag('handleSnapshots', true),
    url: text('url'), username: text('username'), password: '', passwordSet: flag('passwordSet', false), offline: flag('offline', false),
    storeArtifactsLocally: flag('storeArtifactsLocally', true), allowPrivateAddresses: flag('allowPrivateAddresses', false), hardFail: flag('hardFail', false), proxy: text('proxy'), proxyUsername: text('proxyUsername'), proxyPassword: '', proxyPasswordSet: flag('proxyPasswordSet', false),
    caCertificates: text('caCertificates'),
    retrievalCachePeriodSecs: retrieval ?? '', missedRetrievalCachePeriodSecs: missed ?? '', assumedOfflinePeriodSecs: assumed ?? '', socketTimeoutMillis: socket ?? '', maxConnections: connections ?? '',
    repositories: Array.isArray(members) ? members.filter((member) => typeof member === 'string') : [], defaultDeploymentRepo: text('defaultDeploymentRepo'),
  };
}

/** What is wrong with it, by field, before anything is sent. @param taken keys that are in use, in lower case */
export function draftProblems(draft: RepositoryDraft, taken: ReadonlySet<string>): DraftProblems {
  const problems: DraftProblems = {};
  const { key, rclass } = draft;
  if (key === '') problems.key = 'A key is needed: it is part of every address';
  else if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/.test(key)) problems.key = 'Letters, digits, “.”, “_” and “-”, beginning with a letter or digit, at most 64';
  else if (reserved.has(key.toLowerCase())) problems.key = `“${key}” stands for something else in addresses`;
  else if (taken.has(key.toLowerCase())) problems.key = 'There is a repository with this key';
  if (rclass === 'local' && draft.packageType === 'maven' && !draft.handleReleases && !draft.handleSnapshots) problems.handleReleases = 'It would take nothing: choose releases, snapshots, or both';
  if (rclass === 'remote') {
    const problem = addressProblem(draft.url);
    if (problem !== null) problems.url = problem;
    if (draft.proxy !== '' && addressProblem(draft.proxy) !== null) problems.proxy = 'http://host:port of the proxy';
    for (const { field, least, most } of numbers) {
      const value = draft[field].trim();
      if (!/^\d{1,9}$/.test(value) || Number(value) < least || Number(value) > most) problems[field] = `A whole number from ${least} to ${most}`;
    }
  }
  if (rclass === 'virtual' && draft.defaultDeploymentRepo !== '' && !draft.repositories.includes(draft.defaultDeploymentRepo)) problems.defaultDeploymentRepo = 'It has to be one of the members';
  return problems;
}

function addressProblem(url: string): string | null {
  if (url === '') return 'The address of the repository that this one stands in for';
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return 'An address that begins with http:// or https://';
  const { username, password } = new URL(url);
  return username === '' && password === '' ? null : 'Credentials have fields of their own: an address is shown to everybody';
}

/** The form in Artifactory's JSON, with the fields of its class and package type only. */
export function settingsOf(draft: RepositoryDraft): RepositorySettings {
  const { rclass, packageType, description, includesPattern, excludesPattern } = draft;
  const common: RepositorySettings = { rclass, packageType, description, includesPattern: includesPattern.trim() === '' ? '**/*' : includesPattern, excludesPattern };
  const maven = packageType === 'maven' && rclass !== 'virtual' ? { handleReleases: draft.handleReleases, handleSnapshots: draft.handleSnapshots } : {};
  if (rclass === 'local') return { ...common, ...maven };
  if (rclass === 'virtual') return { ...common, repositories: [...draft.repositories], defaultDeploymentRepo: draft.defaultDeploymentRepo };
  const { url, username, password, offline, storeArtifactsLocally, allowPrivateAddresses, hardFail, proxy, proxyUsername, proxyPassword, caCertificates } = draft;
  return {
    ...common, ...maven, url: url.trim(), username, offline, storeArtifactsLocally, allowPrivateAddresses, hardFail, proxy: proxy.trim(), proxyUsername, caCertificates: caCertificates.trim(),
    ...Object.fromEntries(numbers.map(({ field }) => [field, Number(draft[field])])),
    // without a user there is nothing that a password belongs to
    ...(username === '' ? (draft.passwordSet ? { password: null } : {}) : password === '' ? {} : { password }),
    ...(proxy.trim() === '' || proxyUsername === '' ? (draft.proxyPasswordSet ? { proxyPassword: null } : {}) : proxyPassword === '' ? {} : { proxyPassword }),
  };
}

/** What the cluster found wrong, by field, from the details of its answer; what belongs to no field is left to the note below the form. */
export function refusedFields(details: unknown): DraftProblems {
  if (!Array.isArray(details)) return {};
  const known = new Set<string>(Object.keys(emptyDraft()));
  return Object.fromEntries(details.flatMap((each: unknown) => {
    const { field, message } = (typeof each === 'object' && each !== null ? each : {}) as { field?: unknown; message?: unknown };
    const name = typeof field === 'string' ? field.split('.')[0] ?? '' : '';
    return known.has(name) && typeof message === 'string' ? [[name, message]] : [];
  }));
}
