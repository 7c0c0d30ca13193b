import { identityOf } from '../../charts/render';
import { Problem } from '../../model/problem';
import type { OutputFile } from '../synth/tree';

/** No two files want one path, and no two objects are the same one: Flux would stop the apps of everybody. */
export function duplicates(files: readonly OutputFile[]): readonly Problem[] {
  const paths = twice(files.map(({ path }) => ({ key: path, file: path })));
  const objects = twice(
    files.flatMap(({ path, objects = [] }) => objects.map((object) => ({ key: identityOf(object), file: path }))),
  );
  return [
    ...paths.map(({ key, file }) => duplicate('DUPLICATE-PATH', `Cannot write "${key}" twice`, file, file)),
    ...objects.map(({ key, file, first }) => duplicate('DUPLICATE-OBJECT', `Cannot emit ${key} twice`, file, first)),
  ];
}

function duplicate(code: 'DUPLICATE-PATH' | 'DUPLICATE-OBJECT', message: string, file: string, first: string): Problem {
  return new Problem(code, `${message}: it is in ${first} already`, { file, fix: 'rename one of the two servers' });
}

function twice(items: readonly { key: string; file: string }[]) {
  const seen = new Map<string, string>();
  return items.flatMap(({ key, file }) => {
    const first = seen.get(key);
    if (first === undefined) seen.set(key, file);
    return first === undefined ? [] : [{ key, file, first }];
  });
}
