import { z } from 'zod';
import { Problem } from '../../model/problem';
import { contract } from '../../worker/contract';
import { internalReason } from '../engine/public-address';
import { authorizationOf } from '../engine/token';
import { ask, jsonOf } from './ask';
import { type CatalogueTool, isNamed, readCatalogue } from './catalogue';
import { type Facts, failed, passed, type Step } from './step';
import { type Target, urlOf } from './target';
import { unexpected } from './unexpected';

const { health, tools } = contract.paths;

const Health = z.object({ status: z.literal('ok'), tool_count: z.string().regex(/^\d+$/) });

/** The one question that a dashboard asks, without a token. Green says nothing about the address or the secret. */
export const isHealthy: Step = {
  name: 'health',
  title: `${health} is 200`,
  needs: ['resolve', 'tls'],
  async run(target, facts, world) {
    const answer = await ask(target, facts, world, health);
    const { success, data } = Health.safeParse(jsonOf(answer));
    if (answer.status !== 200 || !success) return failed(unexpected('HEALTH', target, urlOf(target, health), answer));
    const toolCount = Number(data.tool_count);
    const lesson =
      facts.isRefused && !target.isInternal
        ? '; green, and yet the engine will load none of them: see "address is public"'
        : '';
    return passed(`${data.tool_count} tools${lesson}`, { toolCount });
  },
};

/** Nobody without a token sees the catalogue. 403 is what older Python images say (FastAPI before 0.122). */
export const isClosed: Step = {
  name: 'closed',
  title: `${tools} is refused without a token`,
  needs: ['health'],
  async run(target, facts, world) {
    const answer = await ask(target, facts, world, tools);
    if ([401, 403].includes(answer.status) && jsonOf(answer) !== undefined) return passed(String(answer.status));
    const asked = urlOf(target, tools);
    const isOpen = answer.status === 200 && Array.isArray(readCatalogue(jsonOf(answer)));
    if (!isOpen) return failed(unexpected('HEALTH', target, asked, answer));
    return failed(
      new Problem('TOOLS-OPEN', `Anybody can list and call the tools of ${target.name}: no token is asked for`, {
        path: asked.href,
        fix: 'take ARCADE_AUTH_DISABLED out of the environment and roll the pods; what was reachable meanwhile may have been used',
      }),
    );
  },
};

/** What a token must not do: cross a public network in the clear, where anyone on the way could use it for its minute. */
function inTheClear({ url, isInternal, allowlist, name }: Target, { addresses = [] }: Facts): Problem | undefined {
  const isPublic = addresses.some(
    (address) => internalReason(address) === undefined && !allowlist.covers(url, address),
  );
  if (url.protocol !== 'http:' || isInternal || !isPublic) return undefined;
  return new Problem('INTERNAL-URL', `Cannot send a token of ${name} to ${url.href}: anyone on the way could read it`, {
    path: url.href,
    fix: 'use its https address; or, when the address lies inside, say so: --allowlisted <entry>',
  });
}

/** Proves that the secret in the cluster is the one that the engine will be given. */
export const takesToken: Step = {
  name: 'token',
  title: `${tools} is answered with a token`,
  needs: ['health'],
  async run(target, facts, world) {
    const { secret, name } = target;
    if (secret === undefined) return { state: 'skipped', reason: 'no secret was given' };
    const readable = inTheClear(target, facts);
    if (readable !== undefined) return failed(readable);
    const asked = urlOf(target, tools);
    const answer = await ask(target, facts, world, tools, { headers: { authorization: authorizationOf(secret) } });
    if (answer.status === 401) return failed(refusedToken(target, asked, answer.body));
    const catalogue = answer.status === 200 ? readCatalogue(jsonOf(answer)) : undefined;
    if (catalogue === undefined) return failed(unexpected('HEALTH', target, asked, answer));
    if (typeof catalogue !== 'string') return passed(`${catalogue.length} tools`, { catalogue });
    return failed(
      new Problem('TOOLS-DIFFER', `Cannot read the catalogue of ${name}: ${catalogue}`, {
        path: asked.href,
        fix: 'see whether the image is a worker of arcade-mcp-server 1.17 or later',
      }),
    );
  },
};

/** After a rotation, what was signed with the secret before it must not work any more. */
export const refusesOldToken: Step = {
  name: 'old-token',
  title: 'a token of the old secret is refused',
  needs: ['health'],
  appliesTo: ({ oldSecret }) => oldSecret !== undefined,
  async run(target, facts, world) {
    const { oldSecret, name } = target;
    if (oldSecret === undefined) return { state: 'skipped', reason: 'no old secret was given' };
    const readable = inTheClear(target, facts);
    if (readable !== undefined) return failed(readable);
    const headers = { authorization: authorizationOf(oldSecret) };
    const { status } = await ask(target, facts, world, tools, { headers });
    if (status === 401) return passed('401');
    return failed(
      new Problem('TOKEN-REFUSED', `The old secret of ${name} still works (${status}): the rotation is not finished`, {
        path: urlOf(target, tools).href,
        fix: `npm run seal -- finish ${name} ${contract.env.secret}, deliver, and let the pods roll`,
      }),
    );
  },
};

/** The catalogue has as many tools as health counts, and those that were asked for. */
export const hasExpectedTools: Step = {
  name: 'tools',
  title: 'tools are the expected set',
  needs: ['token'],
  run(target, { catalogue = [], toolCount }) {
    const names = catalogue.map(({ name }) => name);
    const found = differences(target.expectedTools, catalogue);
    if (toolCount !== catalogue.length) found.push(`health counts ${toolCount}, the catalogue has ${catalogue.length}`);
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    if (twice.length > 0) found.push(`twice: ${twice.join(', ')}`);
    if (catalogue.length === 0) found.push('there is none');
    if (found.length === 0) return passed(list(names));
    return failed(
      new Problem('TOOLS-DIFFER', `The tools of ${target.name} are not the expected ones: ${found.join('; ')}`, {
        path: urlOf(target, tools).href,
        fix: `see which image runs: npm run verify -- ${target.name} --kubectl; pods of two versions answer in turn during a rollout: --wait 5m`,
      }),
    );
  },
};

function differences(expected: readonly string[] | undefined, catalogue: readonly CatalogueTool[]): string[] {
  if (expected === undefined) return [];
  const missing = expected.filter((name) => !catalogue.some((tool) => isNamed(tool, name)));
  const extra = catalogue.filter((tool) => !expected.some((name) => isNamed(tool, name))).map(({ name }) => name);
  return [
    ...(missing.length === 0 ? [] : [`missing: ${missing.join(', ')}`]),
    ...(extra.length === 0 ? [] : [`not expected: ${extra.join(', ')}`]),
  ];
}

function refusedToken({ name, secret }: Target, asked: URL, body: string): Problem {
  const endsInNewline = secret?.reveal().at(-1) === 0x0a;
  const cause = endsInNewline
    ? 'the secret that was given ends in a newline; the one in the cluster perhaps does not'
    : 'the secret in the cluster is another one, or the pods still run with the one before';
  const reason = /Error: ([^"]{1,80})/.exec(body)?.[1];
  return new Problem(
    'TOKEN-REFUSED',
    `Cannot list the tools of ${name}: its token is refused${reason === undefined ? '' : ` (${reason})`}; ${cause}`,
    {
      path: asked.href,
      fix: endsInNewline
        ? 'give it without the newline: printf %s "$(cat secret.txt)" | npm run verify -- …'
        : `npm run verify -- ${name} --kubectl shows whether it was unsealed; kubectl -n ${name} rollout restart deploy/${name} makes pods read it`,
    },
  );
}

/** Names for a line: all of them while they fit. */
export function list(names: readonly string[]): string {
  return names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`;
}
