import { closest, distance } from 'fastest-levenshtein';

/**
 * The known word that somebody probably meant, or undefined when none is near: more than a third of the letters differ.
 * Two letters in the wrong order are one typo, as in TOKNE.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(
    word.toLowerCase(),
    known.map((other) => other.toLowerCase()),
  );
  const found = known.find((other) => other.toLowerCase() === candidate);
  const differing = distance(word.toLowerCase(), candidate) - (lettersOf(word) === lettersOf(candidate) ? 1 : 0);
  return differing <= Math.max(word.length, 3) / 3 ? found : undefined;
}

function lettersOf(word: string): string {
  return [...word.toLowerCase()].sort().join('');
}
