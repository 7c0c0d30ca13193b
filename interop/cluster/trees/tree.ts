/** The path of our sealed secret in every tree. */
export const own = 'apps/mcp/one/sealedsecret.yaml';

/** Files of other owners in a repository that we deliver to. */
export interface ForeignTree {
  /** The files by path from the root. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** More fields of the Flux Kustomization of `apps/`. @default - only its path */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** The outcome that deliver predicts, where it differs from Flux on purpose. @default - the outcome of Flux */
  readonly ours?: 'refused' | 'not looked at';
}

/** An object of the core group as JSON. @param fields more top-level fields */
export function object(kind: string, name: string, namespace = 'theirs', fields: object = {}): string {
  return JSON.stringify({ apiVersion: 'v1', kind, metadata: { name, namespace }, ...fields });
}

/** A kustomization file as JSON. */
export function kustomization(fields: object): string {
  return JSON.stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...fields });
}
