import type { Manifest } from '../../charts/render';

/** One file of `dist/`. */
export interface OutputFile {
  /** Its path below `dist/`, with slashes. */
  readonly path: string;
  readonly text: string;
  /** The server it belongs to. @default - it belongs to all servers */
  readonly server?: string;
  /** The platform it is for. @default - it belongs to all platforms */
  readonly platform?: string;
  /** The Kubernetes objects in it. @default - it holds none */
  readonly objects?: readonly Manifest[];
}
