import { isDeepStrictEqual } from 'node:util';
import { CORE_SCHEMA, dump, load, YAML11_SCHEMA } from 'js-yaml';

/**
 * One object as YAML that readers of YAML 1.1 (Flux) and of YAML 1.2 take alike: every text that either would take for
 * something else is quoted; no folding, anchors, tags or document markers. Ends in one newline.
 * @throws Error when a reader of either version would not get the same object back: a defect, not a bad input
 */
export function yamlOf(object: object): string {
  const text = dump(object, { lineWidth: -1, noRefs: true });
  for (const schema of [YAML11_SCHEMA, CORE_SCHEMA]) {
    if (!isDeepStrictEqual(load(text, { schema }), object))
      throw new Error('the YAML that was written reads back otherwise');
  }
  return text;
}
