import { isIP } from 'node:net';
import { Problem } from '../../model/problem';
import { internalReason } from '../engine/public-address';
import { codeOf } from '../http/http-client';
import { failed, passed, type Step, skipped } from './step';
import type { Target } from './target';
import type { NamedResolver } from './world';

/** Asks every resolver for the addresses: callers use different ones, and a new record reaches them one after another. */
export const resolves: Step = {
  name: 'resolve',
  title: 'name resolves',
  needs: [],
  async run(target, _facts, { resolvers }) {
    const host = bareHost(target.url);
    if (isIP(host) !== 0) return passed(`${host} is an address`, { addresses: [host] });
    // Only the cluster's own resolver knows a name inside the cluster.
    const asked = target.isInternal ? resolvers.slice(0, 1) : resolvers;
    const answers = await Promise.all(asked.map((resolver) => answerOf(resolver, host)));
    const addresses = [...new Set(answers.flatMap((answer) => answer.addresses))];
    const facts = { addresses };
    if (addresses.length === 0) return failed(unresolved(target, host, answers), facts);
    const without = answers.filter(({ error, addresses }) => error === undefined && addresses.length === 0);
    if (without.length > 0) return failed(halfResolved(target, host, answers, without), facts);
    const silent = answers.filter(({ error }) => error !== undefined).map(({ name, error }) => `${name}: ${error}`);
    const agreeing = answers.filter(({ addresses }) => addresses.length > 0).map(({ name }) => name);
    return passed([`${addresses.join(', ')} (${agreeing.join(', ')})`, ...silent].join('; '), facts);
  },
};

/** Compares the alias with the declared one: any other means that the record is not ours. */
export const hasCname: Step = {
  name: 'cname',
  title: 'CNAME is the expected one',
  needs: ['resolve'],
  appliesTo: ({ cname }) => cname !== undefined,
  async run(target, _facts, { resolvers }) {
    const host = bareHost(target.url);
    const answer = await firstAnswer(resolvers, (resolver) => resolver.cname(host));
    if (answer === undefined) return failed(silentResolvers(host, resolvers));
    const { found } = answer;
    if (found?.toLowerCase() === target.cname) return passed(found ?? '');
    const is = found === undefined ? 'has no CNAME, only addresses' : `points to "${found}"`;
    return failed(
      new Problem('DNS-CNAME', `The record of "${host}" is not ours: it ${is}, not to "${target.cname}"`, {
        path: host,
        fix: 'merge and apply the record that npm run synth writes, or set ingress.target in the file of the platform; a proxied record shows no CNAME',
      }),
    );
  },
};

/** Judges the addresses and the form of the URL as the engine's guard does. */
export const isPublic: Step = {
  name: 'public',
  title: 'address is public',
  needs: [],
  run(target, { addresses = [] }) {
    const { url, allowlist } = target;
    const refused = addresses.flatMap((address) => {
      const reason = internalReason(address);
      return reason === undefined || allowlist.covers(url, address) ? [] : `${address} is ${reason}`;
    });
    const form = formReason(url);
    const isListed = ['', ...addresses].some((address) => allowlist.covers(url, address));
    const reasons = [...(form === undefined || isListed ? [] : [form]), ...refused];
    if (reasons.length > 0) return failed(internalUrl(target, reasons), { isRefused: true });
    const listed = addresses.filter((address) => internalReason(address) !== undefined).length;
    if (listed > 0) return passed(`private, and the engine's allow-list covers it`);
    return addresses.length === 0
      ? skipped('no address is known')
      : passed(`${addresses.length} of ${addresses.length}`);
  },
};

/** The host of a URL without the brackets of IPv6. */
function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function internalUrl(target: Target, reasons: readonly string[]): Problem {
  const { name, url, isInternal } = target;
  const message =
    `The engine refuses private addresses for workers registered in the dashboard, and ${reasons.join(', ')}. ` +
    'Its health check is not guarded: such a worker turns green, and no tool ever loads';
  const ways = `the engine's file (npm run register -- ${name} --print) or its ssrfAllowlist (--allowlisted <entry>)`;
  return new Problem('INTERNAL-URL', message, {
    path: url.href,
    fix: isInternal ? `it is declared internal, so use ${ways}` : `use a public host (npm run deliver), ${ways}`,
    level: isInternal ? 'warning' : 'error',
  });
}

/** Why the form of the URL alone shows that it is reachable only from inside; undefined when it does not. */
function formReason({ protocol, hostname }: URL): string | undefined {
  const host = hostname.replace(/\.$/, '');
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return undefined;
  if (/(^|\.)(local|internal|svc|localhost)$/.test(host)) return `"${host}" is a name inside a cluster or a machine`;
  if (!host.includes('.')) return `"${host}" has no dot`;
  return protocol === 'https:' ? undefined : 'the URL is not https';
}

interface ResolverAnswer {
  readonly name: string;
  readonly addresses: readonly string[];
  /** Why the resolver could not be asked. Undefined: it answered, if only that there is no such name. */
  readonly error: string | undefined;
}

async function answerOf(resolver: NamedResolver, host: string): Promise<ResolverAnswer> {
  const { name } = resolver;
  try {
    return { name, addresses: await resolver.addresses(host), error: undefined };
  } catch (error) {
    const code = codeOf(error) ?? 'ERROR';
    return { name, addresses: [], error: isAbsent(error) ? undefined : (resolverWords[code] ?? code) };
  }
}

const resolverWords: Readonly<Record<string, string>> = {
  ETIMEOUT: 'no answer',
  ECONNREFUSED: 'cannot be asked',
  ESERVFAIL: 'server failure',
  EREFUSED: 'refuses to answer',
};

/** Whether a resolver answered that there is no such name, or no such record under it. */
function isAbsent(error: unknown): boolean {
  return ['ENOTFOUND', 'ENODATA'].includes(codeOf(error) ?? '');
}

function unresolved(target: Target, host: string, answers: readonly ResolverAnswer[]): Problem {
  const said = answers.map(({ name, error }) => `${name}: ${error ?? 'no such name'}`).join(', ');
  return new Problem('DNS-UNRESOLVED', `Cannot resolve "${host}" (${said})`, {
    path: host,
    fix: target.isInternal
      ? 'the name exists only in the cluster: run this in a pod there'
      : `merge and apply the record of npm run synth, then npm run verify -- ${target.name} --wait 5m`,
  });
}

function halfResolved(
  target: Target,
  host: string,
  answers: readonly ResolverAnswer[],
  without: readonly ResolverAnswer[],
): Problem {
  const known = answers.filter(({ addresses }) => addresses.length > 0).map(({ name }) => name);
  const message = `Cannot resolve "${host}" everywhere: ${known.join(', ')} ${known.length === 1 ? 'knows' : 'know'} it, ${without.map(({ name }) => name).join(', ')} not`;
  return new Problem('DNS-UNRESOLVED', message, {
    path: host,
    fix: `a new record is known everywhere once the cached absence has expired: npm run verify -- ${target.name} --wait 30m; public resolvers never know a record of a private zone`,
  });
}

/** The alias, from the first resolver that answers; undefined when none does. */
async function firstAnswer(
  resolvers: readonly NamedResolver[],
  ask: (resolver: NamedResolver) => Promise<string | undefined>,
): Promise<{ readonly found: string | undefined } | undefined> {
  for (const resolver of resolvers) {
    try {
      return { found: await ask(resolver) };
    } catch (error) {
      if (isAbsent(error)) return { found: undefined };
      // This one does not answer; the next may.
    }
  }
  return undefined;
}

function silentResolvers(host: string, resolvers: readonly NamedResolver[]): Problem {
  return new Problem(
    'DNS-UNRESOLVED',
    `Cannot ask for the CNAME of "${host}": ${resolvers.map(({ name }) => name).join(', ')} did not answer`,
    {
      path: host,
      fix: 'run it again, or name a resolver that answers: --resolver <address>',
    },
  );
}
