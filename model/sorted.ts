/** The same plain value with the members of every object in order, so that its text has one form. */
export function sorted<T>(value: T): T {
  // Members change their order and nothing else, which no type notices.
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
