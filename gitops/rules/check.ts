import type { Manifest } from '../../charts/render';
import type { Unplain } from '../../model/plain';
import type { ProblemCode } from '../../model/problem';

/** A mistake in a rendered object. `found` completes the sentence `Cannot emit <object>: <path> …`. */
export type Finding = Omit<Unplain, 'code'> & { readonly code: ProblemCode };

/** A rule for one rendered object: a plain function that works offline. */
export type ObjectCheck = (object: Manifest) => readonly Finding[];
