import type { Manifest } from '../../charts/render';
import type { ProblemCode } from '../../model/problem';
import type { UnsafePart } from '../../model/yaml-safe';

/** A mistake in a rendered object. `found` completes the sentence `Cannot emit <object>: <path> …`. */
export type Finding = Omit<UnsafePart, 'code'> & { readonly code: ProblemCode };

/** A rule for one rendered object: a plain function that works offline. */
export type ObjectCheck = (object: Manifest) => readonly Finding[];
