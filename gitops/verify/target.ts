import type { Allowlist } from '../engine/allowlist';
import type { Secret } from '../seal/secret';

/** One deployed server and what is to be true of it. */
export interface Target {
  readonly name: string;
  /** The address as it is registered with the engine: without `/worker`. */
  readonly url: URL;
  /** Declared for use inside the cluster; a private address is then what was asked for. */
  readonly isInternal: boolean;
  /** The name that the public record points to. Undefined: there is no record of ours. */
  readonly cname: string | undefined;
  /** Names of the tools that shall be there. Undefined: not known. */
  readonly expectedTools: readonly string[] | undefined;
  /** Names of tools that may be called although they do not say that they are read-only. */
  readonly invoke: readonly string[];
  /** Undefined: what needs a token is left out, because the caller said so. */
  readonly secret: Secret | undefined;
  /** The secret before a rotation, which must be refused. Undefined: there is none to try. */
  readonly oldSecret: Secret | undefined;
  readonly allowlist: Allowlist;
  /** What runs in the cluster. Undefined: the cluster is not asked. */
  readonly cluster: ClusterTarget | undefined;
}

export interface ClusterTarget {
  readonly namespace: string;
  readonly secretName: string;
  /** The HelmRelease and the version of its chart. Undefined: the server runs without one. */
  readonly release: { readonly name: string; readonly chartVersion: string } | undefined;
  /** The image as declared. */
  readonly image: string;
}

/** The address of a path of the worker, such as `/worker/health`. */
export function urlOf({ url }: Target, path: string): URL {
  return new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url);
}
