import { isIP } from 'node:net';
import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import { internalReason } from '../engine/public-address';
import { hostOf } from '../http/http-client';
import { failed, passed, type Step, skipped } from './step';
import type { Target } from './target';

/** Asks every resolver for the addresses: callers use different ones, and a new record reaches them one after another. */
export const resolves: Step = {
  name: 'resolve',
  title: 'name resolves',
  async run(target, _facts, { resolvers }) {
    const host = hostOf(target.url);
    if (isIP(host) !== 0) return passed(`${host} is an address`, { addresses: [host] });
    // Only the cluster's own resolver knows a name inside the cluster.
    const asked = target.isInternal ? resolvers.slice(0, 1) : resolvers;
    const answers = await Promise.all(asked.map(({ name, addresses }) => answerOf(name, addresses(host), [])));
    const addresses = [...new Set(answers.flatMap(({ found }) => found))];
    const facts = { addresses };
    const isUnknown = answers.some(({ error, found }) => error === undefined && found.length === 0);
    if (addresses.length === 0 || isUnknown) return failed(unresolved(target, host, answers), facts);
    const silent = answers.filter(({ error }) => error !== undefined).map(({ name, error }) => `${name}: ${error}`);
    const agreeing = answers.filter(({ error }) => error === undefined).map(({ name }) => name);
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
    const host = hostOf(target.url);
    const answers = await Promise.all(resolvers.map(({ name, cname }) => answerOf(name, cname(host), undefined)));
    const answer = answers.find(({ error }) => error === undefined);
    if (answer === undefined) {
      const silent = answers.map(({ name, error }) => `${name}: ${error}`).join(', ');
      throw new Problem('DNS-UNRESOLVED', `Cannot ask for the CNAME of "${host}" (${silent})`, {
        path: host,
        fix: 'run it again, or name a resolver that answers: --resolver <address>',
      });
    }
    const { found } = answer;
    if (found?.toLowerCase() === target.cname) return passed(found ?? '');
    const is = found === undefined ? 'has no CNAME, only addresses' : `points to "${found}"`;
    throw new Problem('DNS-CNAME', `The record of "${host}" is not ours: it ${is}, not to "${target.cname}"`, {
      path: host,
      fix: 'merge and apply the record that npm run synth writes, or set ingress.target in the file of the platform; a proxied record shows no CNAME',
    });
  },
};

/** Judges the addresses and the form of the URL as the engine's guard does. */
export const isPublic: Step = {
  name: 'public',
  title: 'address is public',
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
    if (addresses.length === 0) return skipped('no address is known');
    return passed(`${addresses.length} of ${addresses.length}`);
  },
};

function internalUrl(target: Target, reasons: readonly string[]): Problem {
  const { words, url, isInternal } = target;
  const message =
    `The engine refuses private addresses for workers registered in the dashboard, and ${reasons.join(', ')}. ` +
    'Its health check is not guarded: such a worker turns green, and no tool ever loads';
  const ways = `the engine's file (npm run register -- ${words} --print) or its ssrfAllowlist (--allowlisted <entry>)`;
  return new Problem('INTERNAL-URL', message, {
    path: url.href,
    fix: isInternal ? `it is declared internal, so use ${ways}` : `use a public host (npm run deliver), ${ways}`,
    level: isInternal ? 'warning' : 'error',
  });
}

/** Why the form of the URL alone shows that it is reachable only from inside; undefined when it does not. */
function formReason(url: URL): string | undefined {
  const host = hostOf(url).replace(/\.$/, '');
  if (isIP(host) !== 0) return undefined;
  if (/(^|\.)(local|internal|svc|localhost)$/.test(host)) return `"${host}" is a name inside a cluster or a machine`;
  if (!host.includes('.')) return `"${host}" has no dot`;
  return url.protocol === 'https:' ? undefined : 'the URL is not https';
}

/**
 * What a resolver says of a name. With an `error` it could not be asked; without one it answered, if only that there is
 * no such name.
 * @param nothing what is found when there is no such name, or no such record under it
 */
async function answerOf<T>(name: string, lookup: Promise<T>, nothing: T) {
  try {
    return { name, found: await lookup, error: undefined };
  } catch (error) {
    const code = systemCode(error) ?? 'ERROR';
    const isAbsent = ['ENOTFOUND', 'ENODATA'].includes(code);
    return { name, found: nothing, error: isAbsent ? undefined : (resolverWords[code] ?? code) };
  }
}

const resolverWords: Readonly<Record<string, string>> = {
  ETIMEOUT: 'no answer',
  ECONNREFUSED: 'cannot be asked',
  ESERVFAIL: 'server failure',
  EREFUSED: 'refuses to answer',
};

type Answers = readonly Awaited<ReturnType<typeof answerOf<readonly string[]>>>[];

function unresolved({ words, isInternal }: Target, host: string, answers: Answers): Problem {
  const isPartial = answers.some(({ found }) => found.length > 0);
  const said = answers.map(({ name, found, error }) => `${name}: ${error ?? (found.join(' ') || 'no such name')}`);
  const message = `Cannot resolve "${host}"${isPartial ? ' everywhere' : ''} (${said.join(', ')})`;
  const fix = isPartial
    ? `a new record is known everywhere once the cached absence has expired: npm run verify -- ${words} --wait 30m; public resolvers never know a record of a private zone`
    : isInternal
      ? 'the name exists only in the cluster: run this in a pod there'
      : `merge and apply the record of npm run synth, then npm run verify -- ${words} --wait 5m`;
  return new Problem('DNS-UNRESOLVED', message, { path: host, fix });
}
