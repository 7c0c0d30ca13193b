import type { Manifest } from '../../charts/render';
import { Problem, type ProblemCode } from '../../model/problem';

/** A rule about one rendered object. Offline, and a plain function: the object and its file in, problems out. */
export type ObjectCheck = (object: Manifest, file: string) => readonly Problem[];

/** A problem of a rendered object, with the object's name before the path inside it. */
export function objectProblem(
  code: ProblemCode,
  { object, file, path }: { object: Manifest; file: string; path: string },
  found: string,
  fix: string,
): Problem {
  const name = `${object.kind}/${object.metadata?.name ?? '?'}`;
  return new Problem(code, `Cannot emit ${name}: ${path} ${found}`, { file, path: `${name} ${path}`, fix });
}

/** What lies at a path of members, or undefined where there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
    value,
  );
}
