import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../config/config';
import { isLoopback } from '../config/loopback';
import type { Trial } from '../config/trial';
import { benchRoute, benchVariable } from './bench-route';
import { givenIn, missingVariables, needsOf } from './given';

export { exampleCall } from './example-call';

/**
 * Lets callers on this machine use the given secrets and tokens over `/mcp`, and adds the page for trying tools.
 * @param environment of which tools get only `TOOL_SECRET_<KEY>` and `TOOL_TOKEN_<PROVIDER>`
 * @returns undefined where others could call too: on an address that is not loopback, or where callers sign in
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
 * Whether a request names a loopback host and no header says that it was forwarded. A tunnel or proxy on this machine may carry
 * a remote call under a loopback name. Most add a header; one that adds none, such as nginx with a plain `proxy_pass`, cannot be
 * distinguished from a local program.
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
