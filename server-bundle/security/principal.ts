/** Who a request comes from. */
export interface Principal {
  /** "anonymous" for nobody in particular */
  readonly name: string;
  /**
   * In force for this request: `admin` also through a group, and never for a token that is narrowed. `user` stands for somebody who has
   * only what groups and permission targets give. Decide through `authorize`; the role alone does not tell what somebody may do.
   */
  readonly role: Role | 'anonymous';
  /** how it was proven */
  readonly via: 'password' | 'token' | 'anonymous';
}

/** What a user has without any permission target: `admin` everything, `deployer` read, annotate, deploy and delete, `reader` read, `user` nothing. */
export type Role = 'admin' | 'deployer' | 'reader' | 'user';

/**
 * `read` content; `annotate` with properties; `deploy` new content (cached copies of a remote repository too); `delete` or overwrite; `manage` the
 * configuration of a repository.
 */
export const actions = ['read', 'annotate', 'deploy', 'delete', 'manage'] as const;
export type Action = typeof actions[number];
