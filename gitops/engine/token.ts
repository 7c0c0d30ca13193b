import { createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { contract } from '../../worker/contract';
import type { Secret } from '../seal/secret';

const lifeSeconds = 60;

/**
 * The Authorization header of an engine: a token signed with the worker secret, good for a minute. Beyond `aud` and
 * `ver` it is not known what an engine's tokens claim, so this one adds only the times (arcade-mcp-server 1.26.0).
 */
export function authorizationOf(secret: Secret): string {
  const { algorithm, audience, version } = contract.token;
  const token = jwt.sign({ ver: version }, createSecretKey(secret.reveal()), {
    algorithm,
    audience,
    expiresIn: lifeSeconds,
    // A clock that is a little ahead of the worker's must not make the token one of the future.
    noTimestamp: true,
  });
  return `Bearer ${token}`;
}
