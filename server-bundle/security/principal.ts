/** Who a request comes from. */
export interface Principal {
  /** "anonymous" for nobody in particular */
  readonly name: string;
  readonly role: 'admin' | 'deployer' | 'reader' | 'anonymous';
  /** how it was proven */
  readonly via: 'password' | 'token' | 'anonymous';
}

export type Action = 'read' | 'annotate' | 'deploy' | 'delete' | 'manage';
