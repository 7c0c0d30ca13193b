import { Problem, type ProblemCode, Problems } from '../../model/problem';
import { sealCommand } from '../../model/sealed';
import { placeOf, rolloutOf, rotationOf } from '../../model/secret-place';
import type { Server } from '../../model/spec';
import { contract } from '../../worker/contract';
import { engineCallLimits } from '../engine/engine-config';
import { maxWorkerSecretLength } from '../seal/plaintext';
import type { StepName } from '../verify/step';
import type { Target } from '../verify/target';
import { pauseBefore, type Report } from '../verify/verify';
import type { EngineApi } from './engine-api';
import { planOf } from './plan';

/** Steps that check nothing an engine uses; registration skips them. */
export const notForEngines: readonly StepName[] = ['cname', 'mcp', 'mcp-2026'];

/**
 * Rejects a secret that the engine would not accept, or that everyone knows, before any request.
 * @throws Problem SECRET-SIZE or SECRET-LEAK
 */
export function checkSecret(server: Server, secret: string): void {
  const { name } = server;
  const isSealed = server.platform.secrets.kind === 'sealed';
  const refuse = (code: ProblemCode, reason: string, fix: string) => {
    throw new Problem(code, `Cannot register "${name}": its secret ${reason}`, { fix });
  };
  if (secret.length > maxWorkerSecretLength) {
    const command = sealCommand(server, contract.env.secret, 'rotate');
    const fix = isSealed ? `generate a shorter one: ${command}` : `use a shorter one, ${rotationOf(server, 'rotate')}`;
    refuse('SECRET-SIZE', `has more than ${maxWorkerSecretLength} characters`, fix);
  }
  if (secret === 'dev') {
    const command = `${sealCommand(server, contract.env.secret)} --generate, deliver, and wait for the rollout`;
    const fix = isSealed ? command : `write another to ${placeOf(server, contract.env.secret)}; ${rolloutOf(server)}`;
    refuse('SECRET-LEAK', 'is the published default (GHSA-g2jx-37x6-6438)', fix);
  }
}

/**
 * Accepts a server that an engine can reach and use.
 * @throws Problem INTERNAL-URL, or Problems NOT-VERIFIED with what failed
 */
export function admit({ target, results, isGood, facts }: Report): void {
  const problems = results.flatMap(({ finding }) => ('problem' in finding ? [finding.problem] : []));
  const internal = problems.find(({ code }) => code === 'INTERNAL-URL');
  // Only a warning in verify for an internal server, but the engine cannot use the address.
  if (internal !== undefined) throw internal.as('error');
  if (!isGood || facts.catalogue === undefined) {
    const summary = new Problem('NOT-VERIFIED', `Cannot register "${target.name}": it did not pass verification`, {
      path: target.url.href,
      fix: `fix the problems listed above; npm run verify -- ${target.args}`,
    });
    throw new Problems([...problems, summary]);
  }
}

export interface RegisterOptions {
  /** Shows the change without making it. */
  readonly isDryRun: boolean;
  /** How long to wait for the engine to list the tools, in milliseconds. */
  readonly waitMs: number;
  say(line: string): void;
  sleep(ms: number): Promise<void>;
  /** Milliseconds on a monotonic clock. */
  now(): number;
}

/**
 * Creates or updates the worker, and waits until the engine lists its tools. A dry run returns no tools.
 * @param report a verification that `admit` accepted
 * @throws Problem ENGINE-WORKER, ENGINE-KEY, ENGINE-ANSWER, or ENGINE-NO-TOOLS when the tools do not appear in time
 */
export async function register(
  server: Server,
  { target, facts }: Report,
  engine: EngineApi,
  { isDryRun, waitMs, say, sleep, now }: RegisterOptions,
) {
  const url = target.url.href.replace(/\/$/, '');
  const { kind, lines } = planOf(server, url, await engine.find(server.name));
  for (const line of lines) say(line);
  if (isDryRun) return { kind, tools: [] };
  const secret = target.secret?.reveal().toString('utf8') ?? '';
  const http = { uri: url, secret, ...engineCallLimits(server) };
  if (kind === 'create') await engine.create(server.name, http);
  else await engine.update(server.name, http);
  const wanted = (facts.catalogue ?? []).map(({ name }) => name).sort();
  const deadline = now() + waitMs;
  for (let attempt = 1; ; attempt += 1) {
    const tools = await engine.toolsOf(server.name);
    if (tools.join() === wanted.join()) return { kind, tools };
    const pauseMs = pauseBefore(attempt);
    if (now() + pauseMs > deadline) throw await noTools(target, tools, wanted, engine);
    say(`  the engine lists ${tools.length} of ${wanted.length} tools; retrying in ${pauseMs / 1000} s`);
    await sleep(pauseMs);
  }
}

async function noTools(
  { name, url }: Target,
  tools: readonly string[],
  wanted: readonly string[],
  engine: EngineApi,
): Promise<Problem> {
  const { healthy: isHealthy = false, message = '' } = await engine.healthOf(name);
  const cause = !isHealthy
    ? `it considers the worker unhealthy${message === '' ? '' : ` (${message})`}: the engine cannot reach the address, although this machine can`
    : tools.length > 0
      ? `it lists different tools: ${tools.join(', ')}`
      : 'it still considers the worker healthy, because its health check has no guard: either the name resolves to a refused address in its network, or it has a different secret';
  const fix = isHealthy
    ? 'resolve the host from a pod of the engine; a private answer there needs ssrfAllowlist or the file (--print). Its log says "publicOnlyTransport: blocked connection to internal address"'
    : "check that the engine's network allows connections to this host";
  const what = `The engine does not list the tools of "${name}" (${wanted.join(', ')}); ${cause}`;
  return new Problem('ENGINE-NO-TOOLS', what, { path: url.href, fix });
}
