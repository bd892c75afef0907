export interface MuteScope { readonly label: string; readonly rule: string | null; readonly subject: string | null }

/** What can be muted from here, the narrowest first: the more it silences, the further down it stands. */
export function muteScopes(rule: string | null, ruleTitle: string | null, subject: string | null): MuteScope[] {
  const scopes: MuteScope[] = [];
  const title = ruleTitle ?? rule;
  if (rule !== null && subject !== null) scopes.push({ label: `“${title ?? rule}” of ${subject}`, rule, subject });
  if (subject !== null) scopes.push({ label: `everything about ${subject}`, rule: null, subject });
  if (rule !== null) scopes.push({ label: `“${title ?? rule}” everywhere`, rule, subject: null });
  if (rule === null && subject === null) scopes.push({ label: 'every alert of the cluster', rule: null, subject: null });
  return scopes;
}
