import { isDeepStrictEqual } from 'node:util';
import { dump, load, YAML11_SCHEMA } from 'js-yaml';

/**
 * Writes an object as YAML that parsers of YAML 1.1 (Flux) and 1.2 read alike: ambiguous strings are quoted; no folding,
 * anchors, tags or document markers. Ends in one newline.
 * @throws Error when a YAML 1.1 parser would misread a string: a defect, not bad input
 */
export function yamlOf(object: object): string {
  const fresh = new Set<string>();
  collectAmbiguous(object, fresh);
  const texts = [...fresh];
  if (texts.length > 0 && !isDeepStrictEqual(load(dump(texts, options), { schema: YAML11_SCHEMA }), texts)) {
    throw new Error('the written YAML reads back differently');
  }
  for (const text of texts) confirmed.add(text);
  return dump(object, options);
}

const options = { lineWidth: -1, noRefs: true } as const;

/** A cache of strings that survive a round trip. Most recur in every object, and parsing would dominate rendering. */
const confirmed = new Set<string>();

/** Collects the keys and strings of a value that a YAML 1.1 parser might not read as strings. */
function collectAmbiguous(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') {
    if (!startsLikeText.test(value) && !confirmed.has(value)) into.add(value);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      collectAmbiguous(key, into);
      collectAmbiguous(member, into);
    }
  }
}

/** No boolean, null, number or date of YAML 1.1 starts with these letters, unlike `yes`, `off`, `0o17` and `1:30`. */
const startsLikeText = /^[a-eg-mp-su-xzA-EG-MP-SU-XZ]/;
