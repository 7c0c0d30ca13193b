/** Where our own sealed secret lies in every tree. */
export const own = 'apps/mcp/one/sealedsecret.yaml';

/** What other people may have in a repository that we deliver to. */
export interface ForeignTree {
  /** Their files by path from the root. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** What the Flux Kustomization of `apps/` says beside its path. @default - nothing */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** What deliver says of it, where that is another thing on purpose. @default - what Flux does */
  readonly ours?: 'refused' | 'not looked at';
}

/** An object of the core group as a text, with fields beside its metadata. */
export function object(kind: string, name: string, namespace = 'theirs', fields: object = {}): string {
  return JSON.stringify({ apiVersion: 'v1', kind, metadata: { name, namespace }, ...fields });
}

/** A kustomization file. */
export function kustomization(fields: object): string {
  return JSON.stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...fields });
}
