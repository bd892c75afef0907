/** How a login becomes root on its host. */
export type Privilege =
  | { readonly kind: 'root' }
  | { readonly kind: 'sudo' }
  /** sudo asks for a password; `known`: the one that was given for it has been accepted */
  | { readonly kind: 'sudo-password'; readonly known: boolean }
  /** not at all; `reason` is what the host said */
  | { readonly kind: 'none'; readonly reason: string };
