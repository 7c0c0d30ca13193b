import type { Manifest } from '../../charts/render';
import type { ProblemCode } from '../../model/problem';

/** What is wrong with a rendered object: where in it, what was found there, and the way out. */
export interface Finding {
  readonly code: ProblemCode;
  readonly path: string;
  /** Continues the sentence `Cannot emit <object>: <path> …`. */
  readonly found: string;
  readonly fix: string;
}

/** A rule about one rendered object. Offline, and a plain function. */
export type ObjectCheck = (object: Manifest) => readonly Finding[];

/** What lies at a path of members, or undefined where there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
    value,
  );
}
