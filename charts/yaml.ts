import { isDeepStrictEqual } from 'node:util';
import { dump, load, YAML11_SCHEMA } from 'js-yaml';

/**
 * One object as YAML that readers of YAML 1.1 (Flux) and of YAML 1.2 take alike: every text that either would take for
 * something else is quoted; no folding, anchors, tags or document markers. Ends in one newline.
 * @throws Error when Flux' reader would not get the same object back: a defect, not a bad input
 */
export function yamlOf(object: object): string {
  const text = dump(object, { lineWidth: -1, noRefs: true });
  const read = load(text, { schema: YAML11_SCHEMA });
  if (!isDeepStrictEqual(read, object)) throw new Error('the YAML that was written reads back otherwise');
  return text;
}
