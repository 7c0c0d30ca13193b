import { closest, distance } from 'fastest-levenshtein';

/** The known word that was probably meant; undefined if all differ in more than 40 % of the letters, or in more than three. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(
    word.toLowerCase(),
    known.map((other) => other.toLowerCase()),
  );
  const found = known.find((other) => other.toLowerCase() === candidate);
  return distance(word.toLowerCase(), candidate) <= Math.min(3, Math.max(word.length, 3) * 0.4) ? found : undefined;
}
