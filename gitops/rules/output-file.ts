import type { Manifest } from '../../charts/render';

/** One file of `dist/`. */
export interface OutputFile {
  /** Its path below `dist/`, with slashes. */
  readonly path: string;
  readonly text: string;
  /** The server it is made from. @default - it belongs to all of them */
  readonly server?: string;
  /** The platform it is for. @default - it belongs to all of them */
  readonly platform?: string;
  /** The Kubernetes objects in it. @default - it holds none */
  readonly objects?: readonly Manifest[];
}
