import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../config/config';
import { isLoopback } from '../config/loopback';
import type { Trial } from '../config/trial';
import { givenIn, missingVariables, needsOf } from './given';

/**
 * Lets the person at this machine spend what they gave to tools, over `/mcp`. Undefined where others could call too: on an
 * address that is not loopback, and where callers have to sign in.
 * @param environment `TOOL_SECRET_<KEY>` and `TOOL_TOKEN_<PROVIDER>`; a secret also under its own name, as over stdio
 */
export function trialOf(
  { transport, host, toolSecret, mcp }: Config,
  environment: Readonly<Record<string, string | undefined>>,
): Trial | undefined {
  if (transport !== 'http' || !isLoopback(host) || mcp.resourceServer !== undefined) return undefined;
  const { secretOf, tokenOf } = givenIn(environment);
  const given = { tokenOf, secretOf: (key: string) => secretOf(key) ?? toolSecret(key) };
  return {
    isOwner: comesFromHere,
    secretOf: given.secretOf,
    tokenOf(requires) {
      const { authorization } = needsOf(requires);
      return authorization === undefined ? undefined : tokenOf(authorization);
    },
    missingFor: (requires) => missingVariables(needsOf(requires), given),
  };
}

/**
 * A program of this machine that asks for this machine by name. A tunnel or proxy may stand on this machine and carry a
 * stranger's call, with the name of this machine in it: nearly all of them say so in a header.
 */
function comesFromHere(headers: IncomingHttpHeaders): boolean {
  const { host, origin } = headers;
  const isForwarded = Object.keys(headers).some((name) => forwarding.test(name));
  return !isForwarded && isHere(`http://${host}`) && (origin === undefined || isHere(origin));
}

const forwarding = /^(x-forwarded-|x-real-ip$|x-original-|forwarded$|via$|cf-|true-client-ip$|x-client-ip$)/;

function isHere(url: string): boolean {
  return URL.canParse(url) && isLoopback(new URL(url).hostname);
}
