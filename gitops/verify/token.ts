import { Problem } from '../../model/problem';
import { contract } from '../../worker/contract';
import { internalReason } from '../engine/public-address';
import { authorizationOf } from '../engine/token';
import type { HttpResponse } from '../http/http-client';
import type { Secret } from '../seal/secret';
import { ask, jsonOf, unexpected } from './ask';
import { readCatalogue } from './catalogue';
import type { World } from './node-world';
import { type Facts, passed, type Step, skipped } from './step';
import { type Target, urlOf } from './target';

const { tools } = contract.paths;

/** Proves that the worker has the secret that the engine will use. */
export const takesToken: Step = {
  name: 'token',
  title: `${tools} accepts a token`,
  needs: ['health'],
  async run(target, facts, world) {
    const { secret, name } = target;
    const { href } = urlOf(target, tools);
    if (secret === undefined) return skipped('no secret was given');
    const response = await askWith(secret, target, facts, world);
    if (response.status === 401) throw rejectedToken(target, secret, href, response);
    const catalogue = response.status === 200 ? readCatalogue(jsonOf(response)) : undefined;
    if (catalogue === undefined) throw unexpected('HEALTH', target, tools, response);
    if (typeof catalogue !== 'string') return passed(`${catalogue.length} tools`, { catalogue });
    throw new Problem('TOOLS-DIFFER', `Cannot read the catalogue of ${name}: ${catalogue}`, {
      path: href,
      fix: 'check that the image is a worker of arcade-mcp-server 1.17 or later',
    });
  },
};

/** After a rotation, a token signed with the old secret must no longer work. */
export const refusesOldToken: Step = {
  name: 'old-token',
  title: 'a token of the old secret is rejected',
  needs: ['health'],
  appliesTo: ({ oldSecret }) => oldSecret !== undefined,
  async run(target, facts, world) {
    const { oldSecret, name, args, stored } = target;
    if (oldSecret === undefined) return skipped('no old secret was given');
    const { status } = await askWith(oldSecret, target, facts, world);
    if (status === 401) return passed('401');
    throw new Problem(
      'TOKEN-REFUSED',
      `The old secret of ${name} still works (${status}): the rotation is not finished`,
      {
        path: urlOf(target, tools).href,
        fix:
          stored?.rotationEnd ??
          `npm run seal -- finish ${args} ${contract.env.secret}, deliver, and wait for the rollout`,
      },
    );
  },
};

/** @throws Problem INTERNAL-URL when the token would cross a public network unencrypted; UNREACHABLE */
async function askWith(secret: Secret, target: Target, facts: Facts, world: World): Promise<HttpResponse> {
  rejectUnencrypted(target, facts);
  return ask(target, facts, world, tools, { headers: { authorization: authorizationOf(secret) } });
}

/** Anyone on a public network could read the token and use it until it expires, a minute later. */
function rejectUnencrypted({ url, isInternal, allowlist, name }: Target, { addresses = [] }: Facts): void {
  const isPublic = addresses.some(
    (address) => internalReason(address) === undefined && !allowlist.covers(url, address),
  );
  if (url.protocol !== 'http:' || isInternal || !isPublic) return;
  const message = `Cannot send a token of ${name} to ${url.href}: anyone on the network could read it`;
  const fix = 'use its https address; or, if the address is inside your network, allow it: --allowlisted <entry>';
  throw new Problem('INTERNAL-URL', message, { path: url.href, fix });
}

function rejectedToken({ name, args, stored }: Target, secret: Secret, href: string, { body }: HttpResponse): Problem {
  const bytes = secret.reveal();
  const endsInNewline = bytes.at(-1) === 0x0a;
  const newline = bytes.at(-2) === 0x0d ? 'CR LF, a Windows newline' : 'a newline';
  const cause = endsInNewline
    ? `the given secret ends in ${newline}; perhaps the one in the cluster does not`
    : 'the cluster has a different secret, or the pods still use the previous one';
  const reason = /Error: ([^"]{1,80})/.exec(body)?.[1];
  const unsealed = `npm run verify -- ${args} --kubectl shows whether it was unsealed; until then new pods wait and old ones keep the previous secret`;
  const restarted = `npm run verify -- ${args} --kubectl shows whether pods started after the Secret was written; ${stored?.rollout}`;
  const fix = endsInNewline ? 'drop the newline: add --trim-newline' : stored === undefined ? unsealed : restarted;
  const detail = reason === undefined ? '' : ` (${reason})`;
  const message = `Cannot list the tools of ${name}: it rejects the token${detail}; ${cause}`;
  return new Problem('TOKEN-REFUSED', message, { path: href, fix });
}
