import { isDeepStrictEqual } from 'node:util';
import { dump, load, YAML11_SCHEMA } from 'js-yaml';

/**
 * One object as YAML that readers of YAML 1.1 (Flux) and of YAML 1.2 take alike: every text that either would take for
 * something else is quoted; no folding, anchors, tags or document markers. Ends in one newline.
 * @throws Error when Flux' reader would take a text of it for something else: a defect, not a bad input
 */
export function yamlOf(object: object): string {
  const fresh = new Set<string>();
  collectDoubtful(object, fresh);
  const texts = [...fresh];
  if (texts.length > 0 && !isDeepStrictEqual(load(dump(texts, options), { schema: YAML11_SCHEMA }), texts)) {
    throw new Error('the YAML that was written reads back otherwise');
  }
  for (const text of texts) confirmed.add(text);
  return dump(object, options);
}

const options = { lineWidth: -1, noRefs: true } as const;

/** Texts that came back as they were. Most are in every object, and reading takes longer than all the rest of rendering. */
const confirmed = new Set<string>();

/** Collects the keys and texts of a value that a reader of YAML 1.1 could take for something else than text. */
function collectDoubtful(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') {
    if (!startsLikeText.test(value) && !confirmed.has(value)) into.add(value);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      collectDoubtful(key, into);
      collectDoubtful(member, into);
    }
  }
}

/** No boolean, null, number or date of YAML 1.1 begins with these letters: what differs is `yes`, `off`, `0o17`, `1:30`. */
const startsLikeText = /^[a-eg-mp-su-xzA-EG-MP-SU-XZ]/;
