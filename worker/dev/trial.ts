import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../config/config';
import { isLoopback } from '../config/loopback';
import type { Trial } from '../config/trial';
import { benchRoute, benchVariable } from './bench-route';
import { givenIn, missingVariables, needsOf } from './given';

/**
 * Lets the person at this machine spend what they gave to tools, over `/mcp`, and try them on a page. Undefined where others could call too: on an
 * address that is not loopback, and where callers have to sign in.
 * @param environment of which only `TOOL_SECRET_<KEY>` and `TOOL_TOKEN_<PROVIDER>` are given to tools
 */
export function trialOf(
  { transport, host, mcp }: Config,
  environment: Readonly<Record<string, string | undefined>>,
): Trial | undefined {
  if (transport !== 'http' || !isLoopback(host) || mcp.resourceServer !== undefined) return undefined;
  const given = givenIn(environment);
  return {
    isOwner: comesFromHere,
    secretOf: given.secretOf,
    tokenOf(requires) {
      const { authorization } = needsOf(requires);
      return authorization === undefined ? undefined : given.tokenOf(authorization);
    },
    missingFor: (requires) => missingVariables(needsOf(requires), given),
    addPage(app) {
      const folder = environment[benchVariable];
      if (folder !== undefined) benchRoute(app, folder, comesFromHere);
    },
  };
}

/**
 * Whether a request asks for this machine by name and nobody says that it was forwarded. A tunnel or proxy may stand on this
 * machine and carry a stranger's call, with the name of this machine in it. Many say so in a header; one that adds none, such as
 * nginx with a plain `proxy_pass`, cannot be told from a program of this machine.
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
