/** A copy of a plain value with sorted object keys, for a canonical JSON text. */
export function sorted<T>(value: T): T {
  // Only the order of keys changes, which is not part of the type.
  return inOrder(value) as T;
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, inOrder(member)]),
  );
}
