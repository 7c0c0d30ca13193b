import { closest, distance } from 'fastest-levenshtein';

/** The known word that somebody probably meant, or undefined when none is near: more than a third of the letters differ. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(
    word.toLowerCase(),
    known.map((other) => other.toLowerCase()),
  );
  const found = known.find((other) => other.toLowerCase() === candidate);
  return distance(word.toLowerCase(), candidate) <= Math.max(word.length, 3) / 3 ? found : undefined;
}
