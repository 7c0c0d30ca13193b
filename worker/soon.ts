/** A value, or the promise of one. Most tools answer at once, and a turn of the queue for each step costs as much as the call. */
export type Soon<T> = T | Promise<T>;

/** Goes on with a value: at once when it is there, later when it is promised. */
export function whenReady<T, Next>(value: Soon<T>, next: (value: T) => Next): Soon<Next> {
  return value instanceof Promise ? value.then(next) : next(value);
}
