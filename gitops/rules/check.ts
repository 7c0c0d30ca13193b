import type { Manifest } from '../../charts/render';
import type { ProblemCode } from '../../model/problem';
import type { UnsafePart } from '../../model/yaml-safe';

/** What is wrong with a rendered object. `found` continues the sentence `Cannot emit <object>: <path> …`. */
export type Finding = Omit<UnsafePart, 'code'> & { readonly code: ProblemCode };

/** A rule about one rendered object. Offline, and a plain function. */
export type ObjectCheck = (object: Manifest) => readonly Finding[];
