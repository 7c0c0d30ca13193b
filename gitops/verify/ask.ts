import type { Answer, Question } from '../engine/request';
import type { Facts } from './step';
import { type Target, urlOf } from './target';
import { unreachable } from './unexpected';
import type { World } from './world';

/**
 * One request to a path of the server, at the addresses that were found.
 * @throws Problem UNREACHABLE
 */
export async function ask(
  target: Target,
  { addresses = [] }: Facts,
  world: World,
  path: string,
  question: Question = {},
): Promise<Answer> {
  const url = urlOf(target, path);
  try {
    return await world.connect(addresses).request(url, question);
  } catch (error) {
    throw unreachable(target, url, error);
  }
}

/** A body that should be JSON; undefined when it is not. */
export function jsonOf({ body }: Pick<Answer, 'body'>): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Not JSON: the callers say what came in its place.
    return undefined;
  }
}
