import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from '../../cli/pages';
import { Problem } from '../../model/problem';

/** The generated pages that do not match their sources. */
export function stalePages(root: string): readonly Problem[] {
  return Object.entries(pages).flatMap(([file, textFrom]) => {
    const text = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined;
    if (text !== undefined && text === textFrom(text)) return [];
    return [
      new Problem('PAGE-STALE', `Cannot keep ${file}: it does not match the sources it is generated from`, { file }),
    ];
  });
}
